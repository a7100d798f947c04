"""Signed generations: the real ssh-keygen on both sides, and hosts that have allowed_signers."""

import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_common.trouble import Trouble
from matrix_distributor import DistributorError
from matrix_distributor.generation.archive import members, pack
from matrix_distributor.hostside.protocol import Refusal
from matrix_distributor.hostside.requests import HostState, install_command, query_command, read_state
from matrix_distributor.origin import Origin, from_folder
from matrix_distributor.signing import check_signature, load_signer
from matrix_distributor.state import OriginState
from matrix_emitters.artifacts import Artifact
from matrix_grammar.reading import read


def make_key(path: Path, *options: str) -> Path:
    require("ssh-keygen")
    words = options or ("-t", "ed25519", "-N", "")
    subprocess.run(["ssh-keygen", "-q", *words, "-f", path], check=True)
    return path


@pytest.fixture
def key(tmp_path):
    return make_key(tmp_path / "key")


@pytest.fixture
def signer(key):
    return load_signer(key)


@pytest.fixture
def other(tmp_path):
    return load_signer(make_key(tmp_path / "other"))


@pytest.fixture
def host(host, tmp_path):
    """Hosts have ssh-keygen, which comes with sshd, also where all else is busybox."""
    require("ssh-keygen")
    tools = tmp_path / "ssh"
    tools.mkdir()
    (tools / "ssh-keygen").symlink_to(shutil.which("ssh-keygen"))
    host.path = f"{host.path}:{tools}"
    return host


@pytest.fixture
def trusting(host, signer):
    """A host that takes nothing but what `signer` has signed."""
    trust(host, signer)
    return host


def trust(host, signer):
    folder = host.root / "etc/dsas"
    folder.mkdir(parents=True)
    (folder / "allowed_signers").write_text(f"{signer.allowed_signer} of a test\n")


def verify(signers: Path, message: bytes, signature: Path) -> subprocess.CompletedProcess[bytes]:
    words = ["-Y", "verify", "-f", signers, "-I", "matrix", "-n", "matrix", "-s", signature]
    return subprocess.run(["ssh-keygen", *words], input=message, capture_output=True, check=False)


def in_etc(host):
    """What is in place, apart from what says whom the host trusts."""
    return {path: content for path, content in host.files().items() if not path.startswith("/etc/dsas/")}


def test_ssh_keygen_verifies_what_we_sign(signer, other, tmp_path):
    (tmp_path / "signers").write_text(f"{signer.allowed_signer}\n")
    for message in (b"", b"x", b"words\n" * 5000):
        (tmp_path / "sig").write_bytes(signer.sign(message))
        done = verify(tmp_path / "signers", message, tmp_path / "sig")
        assert done.returncode == 0, done.stderr
        assert verify(tmp_path / "signers", message + b" ", tmp_path / "sig").returncode != 0
    (tmp_path / "sig").write_bytes(other.sign(b"x"))
    assert verify(tmp_path / "signers", b"x", tmp_path / "sig").returncode != 0


def test_we_sign_as_ssh_keygen_does_to_the_byte(signer, key):
    words = ["ssh-keygen", "-q", "-Y", "sign", "-n", "matrix", "-f", key]
    theirs = subprocess.run(words, input=b"words\n", capture_output=True, check=True).stdout
    assert signer.sign(b"words\n") == theirs


def test_an_encrypted_key_is_opened_with_its_passphrase_alone(tmp_path, signer):
    path = make_key(tmp_path / "locked", "-t", "ed25519", "-N", "open sesame")
    assert load_signer(path, lambda asked: "open sesame").sign(b"x")
    for answer in (None, "wrong"):
        with pytest.raises(DistributorError, match=r"sign\.key"):
            load_signer(path, lambda asked, answer=answer: answer)
    with pytest.raises(DistributorError, match=r"sign\.key"):
        load_signer(path)


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """A real ssh-agent, empty, in SSH_AUTH_SOCK."""
    require("ssh-agent")
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.01)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    yield
    process.terminate()
    process.wait(10)


def test_a_key_in_the_agent_signs_by_its_public_half_as_its_file_does(key, signer, agent, tmp_path):
    public = tmp_path / "elsewhere.pub"
    public.write_bytes(Path(f"{key}.pub").read_bytes())
    with pytest.raises(DistributorError, match="does not hold it"):
        load_signer(public)
    subprocess.run(["ssh-add", "-q", key], check=True)
    by_agent = load_signer(public)
    assert (by_agent.sign(b"words\n"), by_agent.allowed_signer) == (signer.sign(b"words\n"), signer.allowed_signer)
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    with pytest.raises(DistributorError, match=r"elsewhere\.pub .*does not hold it"):
        by_agent.sign(b"words\n")


def test_nobody_is_asked_for_the_passphrase_of_a_key_that_the_agent_holds(tmp_path, key, agent):
    subprocess.run(["ssh-add", "-q", key], check=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "open sesame", "-f", key], check=True)
    assert load_signer(key).sign(b"x")
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    with pytest.raises(DistributorError, match=r"sign\.key"):
        load_signer(key)
    assert load_signer(key, lambda asked: "open sesame").sign(b"x")


def test_a_public_key_is_no_use_without_an_agent(key, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(DistributorError, match="there is no agent"):
        load_signer(Path(f"{key}.pub"))


def test_other_kinds_of_keys_and_files_are_refused_in_words(tmp_path):
    with pytest.raises(DistributorError, match="not of type ed25519"):
        load_signer(make_key(tmp_path / "ecdsa", "-t", "ecdsa", "-N", ""))
    (tmp_path / "text").write_text("no key\n")
    with pytest.raises(DistributorError, match="cannot be used"):
        load_signer(tmp_path / "text")
    with pytest.raises(DistributorError, match="No such file"):
        load_signer(tmp_path / "nothing")


def test_a_host_takes_what_is_signed_and_keeps_the_signature(trusting, signer, generation, in_place):
    first = signer.signed(generation(1))
    assert trusting.install(first) == HostState(1, first.digest, "installed", before=0)
    assert in_etc(trusting) == in_place(first)
    assert trusting.state().condition == "whole"
    folder = trusting.root / "var/lib/dsas/generations" / first.manifest.directory
    assert (folder / "manifest.json.sig").read_bytes() == first.signature
    signers = trusting.root / "etc/dsas/allowed_signers"
    assert verify(signers, (folder / "manifest.json").read_bytes(), folder / "manifest.json.sig").returncode == 0


def refused(host, generation, words, **options):
    """The host will not have it, and says why; nothing is left of it."""
    before = host.files()
    reply = host.run(install_command(generation, host.name, **options))
    assert reply.status == 68, reply
    answer = read_state(reply)
    assert isinstance(answer, Trouble)
    assert isinstance(answer, Refusal)
    assert words in answer.cause
    assert "sign.key" in answer.cure
    assert host.files() == before
    assert host.leftovers() == []


def test_a_host_refuses_what_is_not_signed_or_by_another_also_by_force(trusting, signer, other, generation):
    first = signer.signed(generation(1))
    trusting.install(first)
    second = generation(2, first)
    refused(trusting, second, "not signed")
    refused(trusting, other.signed(second), "not signed by one whom")
    refused(trusting, replace(second, signature=b"no signature\n"), "not signed by one whom")
    refused(trusting, replace(second, signature=first.signature), "not signed by one whom")
    refused(trusting, second, "not signed", force=True)
    assert isinstance(trusting.install(signer.signed(second)), HostState)


@pytest.mark.parametrize(
    "change",
    [{"generation": 9}, {"author": "eve@home"}, {"parent": "0" * 64}, {"time": "2030-01-01T00:00:00Z"},
     {"fleet": "0" * 32}, {"fleet": ""}, {"lineage": "0" * 64}],
)  # fmt: skip
def test_number_author_parent_time_fleet_and_lineage_are_bound_by_the_signature(trusting, signer, generation, change):
    first = signer.signed(generation(1))
    forged = replace(first, manifest=replace(first.manifest, **change))
    refused(trusting, forged, "not signed by one whom")


def test_the_digest_is_bound_to_the_index_and_the_number_to_what_was_asked_for(trusting, host, signer, generation):
    """A signed manifest around other files, or under another number, as someone without the signing key would send."""
    first, evil = signer.signed(generation(1)), generation(1, salt="evil")
    mixed = replace(evil, signature=first.signature).archive
    reply = trusting.run(replace(install_command(evil, "w1"), stdin=mixed))
    assert reply.status == 68

    class Foreign:
        generation, digest, time, files = 1, evil.digest, evil.manifest.time, evil.manifest.files

        def to_json(self):
            return first.manifest.to_json()

    archive = pack(members(Foreign(), evil.artifacts, (), first.signature), evil.time)
    sent = replace(install_command(evil, "w1"), stdin=archive)
    reply = trusting.run(sent)
    assert (reply.status, b"is not that of generation 1" in reply.stderr) == (68, True)
    reply = trusting.run(reworded(install_command(first, "w1"), f" 1 {first.digest}", f" 7 {first.digest}"))
    assert (reply.status, b"is not that of generation 7" in reply.stderr) == (68, True)
    assert in_etc(trusting) == {}


def test_a_key_that_may_sign_other_things_may_not_sign_generations(host, signer, generation):
    trust(host, signer)
    path = host.root / "etc/dsas/allowed_signers"
    path.write_text(path.read_text().replace('namespaces="matrix"', 'namespaces="git"'))
    refused(host, signer.signed(generation(1)), "not signed by one whom")


def test_without_ssh_keygen_a_host_with_signers_takes_nothing(trusting, signer, generation, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in trusting.path.split(":"):
        for path in Path(folder).glob("*"):
            if path.name != "ssh-keygen" and not (tools / path.name).exists():
                (tools / path.name).symlink_to(path)
    poor = replace(trusting, shell=(str(tools / Path(trusting.shell[0]).name),), path=str(tools))
    refused(poor, signer.signed(generation(1)), "no ssh-keygen")


def test_signers_that_cannot_be_read_are_no_reason_to_trust(host, signer, generation):
    (host.root / "etc/dsas").mkdir(parents=True)
    (host.root / "etc/dsas/allowed_signers").symlink_to("nowhere")
    refused(host, signer.signed(generation(1)), "not signed by one whom")


def test_a_generation_from_before_the_signers_is_shown_is_not_repaired_and_is_replaced(
    host, signer, generation, in_place
):
    plain = generation(1)
    host.install(plain)
    trust(host, signer)
    assert host.state().condition == "unsigned"
    (host.root / "etc/dsas.conf").write_text("changed\n")
    done = host.script("repair")
    assert (done.returncode, "not signed" in done.stderr) == (68, True)
    assert host.install(signer.signed(plain)) == HostState(1, plain.digest, "installed", before=1)
    assert in_etc(host) == in_place(plain)
    assert host.state().condition == "whole"
    (host.root / "etc/dsas.conf").write_text("changed\n")
    assert host.script("repair").returncode == 0


def test_a_push_signs_anew_what_a_host_does_not_trust_yet(fleet, signer, generation):
    one, plain = fleet("w1"), generation(1)
    one.push(plain)
    trust(one.hosts["w1"], signer)
    assert one.push(plain)["w1"].result == "refused"
    assert one.push(signer.signed(plain))["w1"].result == "updated"
    assert one.push(signer.signed(plain))["w1"].result == "current"


@pytest.mark.parametrize(
    "path",
    ["/etc/dsas/allowed_signers", "/etc/dsas/install.sh", "/etc/dsas.d/../dsas/x", "/etc/dsas.d/self",
     "/etc/dsas.d/self/x", "/etc/dsas.d/.self/x"],
)  # fmt: skip
def test_no_generation_reaches_what_judges_it_or_names_the_host(host, generation, path):
    """The origin does not make such a generation; made by hand, the host refuses it."""
    with pytest.raises(DistributorError, match=r"no place|no path"):
        list(members(generation(1).manifest, (Artifact(path, 0o644, b""),), ()))
    honest = generation(1, extra={"/etc/dsas.d/" + "x" * (len(path) - 12): b"mine\n"})
    inside = "/etc/dsas.d/" + "x" * (len(path) - 12)
    import gzip
    import hashlib

    forged = gzip.decompress(honest.archive).replace(inside.encode(), path.encode())
    at = forged.index(b" 0644 /etc/")
    begin = forged.rindex(b"\0", 0, at) + 1
    lines = forged[begin : forged.index(b"\0", at)]
    digest = hashlib.sha256(lines).hexdigest()
    forged = forged.replace(honest.digest.encode(), digest.encode())
    command = reworded(install_command(honest, "w1"), honest.digest, digest)
    reply = host.run(replace(command, stdin=gzip.compress(rechecked(forged))))
    assert reply.status == 63
    assert host.files() == {}
    assert host.run(query_command()).stdout == b"dsas 1 0 - none\n"


def reworded(command, old, new):
    """The command with other words, however it is said."""
    resident = replace(command.resident, head=command.resident.head.replace(old, new))
    return replace(command, line=command.line.replace(old, new), resident=resident)


def rechecked(tar: bytes) -> bytes:
    """A tar whose headers' checksums are right again."""
    out = bytearray(tar)
    at = 0
    while at < len(out) and out[at]:
        size = int(bytes(out[at + 124 : at + 135]), 8)
        out[at + 148 : at + 156] = b" " * 8
        out[at + 148 : at + 156] = b"%06o\0 " % sum(out[at : at + 512])
        at += 512 + -(-size // 512) * 512
    return bytes(out)


@pytest.fixture
def origin(tmp_path, signer):
    matrix = tmp_path / "site" / "MATRIX"
    matrix.parent.mkdir()
    matrix.write_text("@matrix 1\nw1 10.0.0.1 [ps]\n")
    return Origin(matrix, tmp_path / "site/.matrix", author="ann@adm1", signer=signer)


def test_an_origin_signs_every_generation_and_remembers_the_signature(origin, signer, tmp_path):
    (tmp_path / "signers").write_text(f"{signer.allowed_signer}\n")
    with OriginState(origin.state) as state:
        made = origin.take(read(origin.matrix), state).generation
        assert made == signer.signed(replace(made, signature=b""))
        assert state.current() == made
        check_signature(state.current(), tmp_path / "signers")


def test_a_generation_that_was_made_unsigned_is_signed_when_it_is_next_taken(origin):
    with OriginState(origin.state) as state:
        plain = replace(origin, signer=None).take(read(origin.matrix), state)
        assert plain.generation.signature == b""
        again = origin.take(read(origin.matrix), state)
        assert not again.new
        assert again.generation.signature
        assert state.current() == again.generation


def test_a_new_signing_key_signs_the_current_generation_anew(origin, other):
    with OriginState(origin.state) as state:
        first = origin.take(read(origin.matrix), state).generation
        again = replace(origin, signer=other).take(read(origin.matrix), state)
        assert not again.new
        assert again.generation == other.signed(first) != first
        assert state.current() == again.generation


def test_a_state_from_before_signatures_is_read_and_signed(origin):
    import sqlite3

    with OriginState(origin.state) as state:
        replace(origin, signer=None).take(read(origin.matrix), state)
    with sqlite3.connect(origin.state / "state.db") as old:
        old.execute("CREATE TABLE old (number INTEGER PRIMARY KEY, manifest BLOB NOT NULL, ancestors TEXT NOT NULL)")
        old.execute("INSERT INTO old SELECT number, manifest, ancestors FROM generations")
        old.execute("DROP TABLE generations")
        old.execute("ALTER TABLE old RENAME TO generations")
        old.execute("DROP TABLE reflections")
        old.execute("PRAGMA user_version = 1")
    old.close()
    with OriginState(origin.state) as state:
        assert state.current().signature == b""
        assert origin.take(read(origin.matrix), state).generation.signature
        assert state.current().signature


def test_who_takes_over_checks_the_signature(trusting, signer, other, generation, tmp_path):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.write_text(f"{signer.allowed_signer}\n")
    theirs.write_text(f"{other.allowed_signer}\n")
    trusting.install(signer.signed(generation(1)))
    held = from_folder(trusting.root)
    check_signature(held, mine)
    with pytest.raises(DistributorError, match="not signed by any"):
        check_signature(held, theirs)
    with pytest.raises(DistributorError, match="is not signed"):
        check_signature(generation(1), mine)
    with pytest.raises(DistributorError, match="no file of allowed signers"):
        check_signature(held, tmp_path / "nothing")
