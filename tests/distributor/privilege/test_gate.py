"""What somebody who holds the daemon's key can and cannot do on an enrolled host."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import subprocess
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime

from matrix_distributor.conversation import Reach
from matrix_distributor.dialogue import Command
from matrix_distributor.enroll import enrolment_mark
from matrix_distributor.generation import Generation
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.push import inspect
from matrix_emitters.artifacts import Artifact

REFUSAL = b"dsas: this account takes a generation and answers for it, nothing else\n"


WORDS = [
        "id", "sh", "sh -c id", "dsas", "dsas query;id", "dsas query; id", "dsas query && id", "dsas query\nid",
        "dsas query `id`", "dsas query $(id)", "$(id)", "dsas repair", "dsas install", "dsas query x", "DSAS query",
        "dsas install 1 x", "dsas -c id", "query", "/etc/dsas/install.sh query", "sudo -n id", "scp -t /etc",
        "internal-sftp", "/usr/lib/openssh/sftp-server", "rsync --server . /etc", "dsas install a b c d", "*", "dsas *",
    ]  # fmt: skip


def test_nothing_but_requests_is_taken(enrolled):
    done = enrolled.enter("w1", None)
    assert (done.returncode, done.stdout, done.stderr) == (69, b"", REFUSAL)
    replies = enrolled.say("w1", *map(Command, WORDS))
    for words, reply in zip(WORDS, replies, strict=True):
        assert (reply.status, reply.stdout, reply.stderr) == (69, b"", REFUSAL), words


def test_requests_are_answered(receiver, generation):
    first = generation(1)
    mark = f"enrolled {enrolment_mark()}\n"
    assert receiver.enter("w1", "dsas query").stdout == f"{mark}dsas 1 0 - none\n".encode()
    done = receiver.send("w1", first)
    assert (done.returncode, done.stdout) == (0, f"{mark}before 0\ndsas 1 1 {first.digest} installed\n".encode()), (
        done.stderr
    )
    assert receiver.enter("w1", "dsas query").stdout == f"{mark}dsas 1 1 {first.digest} whole\n".encode()
    assert receiver.enter("w1", "dsas load").stdout == f"{mark}dsas 1 1 {first.digest} loaded\n".encode()
    assert receiver.hosts.read("w1", "/etc/dsas.d/self") == b"w1\n"
    assert receiver.on("w1", "find /etc/dsas.conf /etc/dsas.d /var/lib/dsas/generations ! -user root") == ""
    with tarfile.open(fileobj=io.BytesIO(receiver.enter("w1", "dsas files").stdout)) as files:
        assert "./etc/dsas.conf" in files.getnames()
    with tarfile.open(fileobj=io.BytesIO(receiver.enter("w1", "dsas export").stdout)) as files:
        assert "./manifest.json" in files.getnames()


def test_no_file_transfer_terminal_or_forwarding(enrolled, tmp_path):
    (tmp_path / "evil").write_text("x")
    config = ["-F", str(enrolled.hosts.ssh_config), "-i", str(enrolled.key), "-o", "User=dsas"]
    for program in (["scp", "-O", *config], ["scp", "-s", *config]):
        done = subprocess.run(
            [*program, str(tmp_path / "evil"), "w1:/tmp/evil"], capture_output=True, timeout=30, check=False
        )
        assert done.returncode != 0
    assert not enrolled.hosts.exists("w1", "/tmp/evil")
    assert b"PTY allocation request failed" in enrolled.enter("w1", None, options=("-tt",)).stderr
    asked = ("-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9")
    assert b"remote port forwarding failed" in enrolled.enter("w1", "dsas query", options=asked).stderr
    through = enrolled.enter("w1", None, options=("-W", f"{enrolled.hosts.address('w1')}:2222"))
    assert b"forwarding failed" in through.stderr
    assert through.stdout == b""


def test_the_account_owns_nothing(enrolled):
    assert enrolled.on("w1", "find /etc /var/lib/dsas /root /srv/host -user dsas") == ""
    for path in ("/etc/dsas/gate", "/etc/dsas/paths", "/etc/sudoers.d/dsas", "/var/lib/dsas/.ssh/authorized_keys",
                 "/etc/dsas/new", "/var/lib/dsas/.ssh/rc", "/var/lib/dsas/.profile", "/etc/dsas.conf"):  # fmt: skip
        assert enrolled.as_account("w1", f"echo x >>{path}").returncode != 0, path


def test_sudo_starts_one_program_for_it_and_nothing_else(enrolled, generation):
    for line in ("sudo -n id", "sudo -n sh -c id", "sudo -n /etc/dsas/install.sh query", "sudo -n -u w1 id",
                 "sudo -n env /etc/dsas/receive"):  # fmt: skip
        done = enrolled.as_account("w1", line)
        assert (done.returncode != 0, done.stdout) == (True, b""), line
    digest = generation(1).digest
    for words in ("", "1", "1 x w1", f"1 {digest} w2", f"1/../1 {digest} w1", f"'' {digest} w1",
                  f"1 {digest} w1 force", f"x {digest} w1", f"1 {digest[:-1]}g w1", f"7 1 {digest} w1"):  # fmt: skip
        done = enrolled.as_account("w1", f"sudo -n /etc/dsas/receive {words}")
        assert done.returncode == 69, (words, done)
    assert enrolled.as_account("w1", "sudo -n DSAS_ROOT=/tmp /etc/dsas/receive").returncode != 0


def forged(path: str, content: bytes = b"x\n", mode: int = 0o644) -> Generation:
    """A generation that its maker's program would not make, whole in itself."""
    files = (Artifact(path, mode, content), Artifact("matrix/MATRIX", 0o644, b"@matrix 1\n"))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return assemble_generation(files, 1, "matrix/MATRIX", parent=None, author="eve", now=now)


PATHS = ["/etc/passwd", "/etc/sudoers.d/dsas", "/etc/cron.d/evil", "/root/.ssh/authorized_keys", "/etc/ld.so.preload",
     "/etc/dsas/paths", "/etc/dsas/allowed_signers", "/etc/dsas.d/../passwd", "/etc/dsas.d/./x", "/etc//dsas.conf",
     "/etc/dsasx", "/var/lib/dsas/current", "root/etc/x", "etc/x"]  # fmt: skip


def stream(
    index: bytes, contents: dict[str, bytes], change: Callable[[tarfile.TarFile], None] | None = None
) -> Command:
    """The request that brings these files under this index, whatever is in them; all digests fit."""
    digest, honest = hashlib.sha256(index).hexdigest(), forged("/etc/dsas.conf")
    manifest = honest.manifest.to_json().replace(honest.digest.encode(), digest.encode())
    own = {"index": index, "manifest.json": manifest, "lineage": b"", "install.sh": b"touch /etc/evil\n"}
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in {**own, **contents}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if change is not None:
            change(archive)
    return Command(f"dsas install 1 {digest} w1", gzip.compress(raw.getvalue()))


def line(path: str, mode: str = "0644") -> bytes:
    return f"{hashlib.sha256(b'x').hexdigest()} {mode} {path}\n".encode()


def refused(site, *requests: Command, status: int = 69) -> list[str]:
    """None of them is taken, and nothing of them reaches the host; what it says to each."""
    look = (
        "find /etc -newer /etc/dsas/name; "
        "find /var/lib/dsas -type f -exec sha256sum {} +; find /var/lib/dsas -printf '%p %m %u %l\\n' | sort"
    )
    before = site.on("w1", look)
    replies = site.say("w1", *requests)
    mark = f"enrolled {enrolment_mark()}\n".encode()
    assert [(reply.status, reply.stdout) for reply in replies] == [(status, mark)] * len(requests), replies
    assert site.on("w1", look) == before
    return [reply.stderr.decode() for reply in replies]


def test_no_file_outside_of_the_permitted_places_is_written(receiver):
    """Whatever the digest says, so that only the place is wrong."""
    requests = []
    for path in PATHS:
        name = f"root{path}" if path.startswith("/") else path
        requests.append(stream(line(path), {re.sub(r"/(\.{0,2}/)+", "/", name): b"x"}))
    for said, path in zip(refused(receiver, *requests), PATHS, strict=True):
        assert "is no path" in said or "is no place" in said, path


def test_no_file_gets_a_mode_that_gives_anything_away(receiver):
    modes = ("4755", "2755", "1755", "0777", "0666", "0646", "0664", "0600")
    requests = [stream(line("/etc/dsas.conf", mode), {"root/etc/dsas.conf": b"x"}) for mode in modes]
    assert all("readable by all, and writable by root alone" in said for said in refused(receiver, *requests))


def test_a_mode_in_the_stream_alone_does_nothing(receiver, generation):
    first = generation(1)
    raw = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(first.archive)) as old, tarfile.open(fileobj=raw, mode="w:gz") as new:
        for member in old:
            content = old.extractfile(member)
            member.mode, member.uid = 0o6777, 1
            new.addfile(member, content)
    assert receiver.send("w1", first, raw.getvalue()).returncode == 0
    assert receiver.on("w1", "find /etc/dsas.conf /etc/dsas.d /var/lib/dsas -perm /7022") == ""


def add(name: str, kind: bytes, link: str = "") -> Callable[[tarfile.TarFile], None]:
    def change(archive: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, link
        archive.addfile(member)

    return change


ODD = [
    add("root/etc/dsas.d/link", tarfile.SYMTYPE, "/etc/shadow"), add("index2", tarfile.LNKTYPE, "index"),
    add("shadow", tarfile.LNKTYPE, "/etc/shadow"), add("root/etc/dsas.d", tarfile.SYMTYPE, "/etc"),
    add("pipe", tarfile.FIFOTYPE), add("device", tarfile.CHRTYPE), add("/etc/evil", tarfile.DIRTYPE),
    add("../../evil", tarfile.DIRTYPE), add("/etc/evil", tarfile.REGTYPE), add("../../../../etc/evil", tarfile.REGTYPE),
]  # fmt: skip


def test_a_stream_of_links_pipes_and_devices_reaches_nothing(receiver):
    before = receiver.on("w1", "stat -c '%a %U %h' /etc/shadow")
    good = {"root/etc/dsas.conf": b"x"}
    for reply in receiver.say("w1", *(stream(line("/etc/dsas.conf"), good, change) for change in ODD)):
        assert reply.status in (63, 69), reply
    assert receiver.on("w1", "find /etc /root -name evil; find /etc/dsas* /var/lib/dsas ! -type f ! -type d") == ""
    assert receiver.on("w1", "stat -c '%a %U %h' /etc/shadow") == before
    assert receiver.on("w1", "find /var/lib/dsas/generations -mindepth 1") == ""


def test_files_that_the_index_does_not_name_are_refused(receiver):
    refused(receiver, stream(line("/etc/dsas.conf"), {"root/etc/dsas.conf": b"x", "root/etc/dsas.d/more": b"x"}))


def test_the_install_script_of_a_stream_is_never_run_nor_kept(receiver, generation):
    first = generation(1)
    raw = io.BytesIO()
    evil = b"touch /etc/evil /root/evil\n"
    with tarfile.open(fileobj=io.BytesIO(first.archive)) as old, tarfile.open(fileobj=raw, mode="w:gz") as new:
        for member in old:
            content = old.extractfile(member)
            if member.name == "install.sh":
                member.size, content = len(evil), io.BytesIO(evil)
            new.addfile(member, content)
    assert receiver.send("w1", first, raw.getvalue()).returncode == 0
    receiver.on("w1", "sh /var/lib/dsas/install.sh repair")
    assert receiver.on("w1", "ls -d /etc/evil /root/evil 2>/dev/null || :") == ""
    own = receiver.hosts.read("w1", "/etc/dsas/install.sh")
    assert receiver.hosts.read("w1", "/var/lib/dsas/install.sh") == own
    assert receiver.hosts.read("w1", f"/var/lib/dsas/generations/{first.manifest.directory}/install.sh") == own


def test_a_host_is_told_no_other_name_than_its_own(enrolled, generation):
    first = generation(1)
    done = enrolled.enter("w1", f"dsas install 1 {first.digest} w2", first.archive)
    assert (done.returncode, b"enrolled as w1" in done.stderr) == (69, True)


def test_nothing_is_forced_and_what_is_older_stays_out(receiver, generation):
    first = generation(1)
    second = generation(2, first)
    assert receiver.send("w1", second).returncode == 0
    assert receiver.send("w1", first).returncode == 60
    assert receiver.send("w1", generation(2, first, salt="other")).returncode == 61
    done = receiver.enter("w1", f"dsas install 1 {first.digest} w1 force", first.archive)
    assert done.returncode == 69


def test_what_remains_text_that_a_program_of_the_host_sources_runs_as_that_program(enrolled):
    """Without signatures the daemon's key is worth as much as the accounts whose programs load a binding."""
    assert enrolled.send("w1", forged("/etc/dsas.conf", b"touch /root/evil\n")).returncode == 0
    enrolled.on("w1", ". /etc/dsas.conf")
    assert enrolled.hosts.exists("w1", "/root/evil")


def test_with_signers_the_daemons_key_alone_brings_nothing_in(signed_only, signer, generation):
    evil = forged("/etc/dsas.conf", b"touch /root/evil\n")
    first = signer.signed(generation(1))
    borrowed = Generation(evil.manifest, evil.artifacts, (), first.signature)
    requests = [Command(f"dsas install 1 {evil.digest} w1", made.archive) for made in (evil, borrowed)]
    said = refused(signed_only, *requests, status=68)
    assert "is not signed" in said[0]
    assert "is not signed by one whom" in said[1]
    assert signed_only.send("w1", first).returncode == 0
    assert signed_only.state("w1") == "whole"


def test_with_signers_an_earlier_signed_generation_cannot_be_brought_back(signed_only, signer, generation):
    first = signer.signed(generation(1))
    second = signer.signed(generation(2, first))
    assert signed_only.send("w1", second).returncode == 0
    assert signed_only.send("w1", first).returncode == 60
    done = signed_only.enter("w1", f"dsas install 3 {first.digest} w1", first.archive)
    assert (done.returncode, b"is not that of generation 3" in done.stderr) == (68, True)
    assert signed_only.hosts.read("w1", "/var/lib/dsas/current").decode().startswith("2-")


def test_two_streams_at_once_leave_one_generation_whole(enrolled, generation):
    first = generation(1)
    second = generation(2, first)
    login = ["ssh", "-F", enrolled.hosts.ssh_config, "-i", enrolled.key, "-l", "dsas", "w1"]
    children = []
    for made in (first, second, first, second):
        words = f"dsas install {made.number} {made.digest} w1"
        child = subprocess.Popen([*login, words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        children.append((child, made))
    for child, made in children:
        child.communicate(made.archive, timeout=60)
        assert child.returncode in ({1: (0, 60), 2: (0,)}[made.number])
    assert enrolled.enter("w1", "dsas query").stdout.endswith(f"\ndsas 1 2 {second.digest} whole\n".encode())
    assert enrolled.on("w1", "ls -A /var/lib/dsas/generations | grep tmp || :") == ""


def any_generation():
    """What no host holds."""
    made = (Artifact("matrix/MATRIX", 0o644, b""),)
    return assemble_generation(made, 99, "matrix/MATRIX", parent=None, author="x", now=datetime.now(UTC))


def test_an_answer_says_by_which_program_the_host_was_enrolled_and_an_account_of_before_says_nothing(enrolled):
    """Without a program more: the mark is read by the shell itself. What is no answer in text stays as it is."""

    def asked():
        with enrolled.pool("dsas") as pool:
            (outcome,) = inspect(any_generation(), [enrolled.target("w1")], Reach(pool, gated=True))
        return outcome.enrolled

    assert asked() == enrolment_mark()
    with enrolled.pool() as pool:
        (outcome,) = inspect(any_generation(), [enrolled.target("w1")], Reach(pool))
    assert outcome.enrolled is None, "who logs in as root is told nothing, and nothing is missed"
    enrolled.on("w1", "rm /etc/dsas/enrolled")
    assert asked() == ""
    enrolled.on("w1", "echo 'x; id $(id)' >/etc/dsas/enrolled")
    assert asked() == ""
