"""Whose key counts: known_hosts has the last word over `ssh.hostkey` of the MATRIX, unless a site says otherwise."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest
from ssh_talk import SHORT, ask, keygen, saying
from sshd_fleet import PORT, SshdFleet

from matrix_distributor.dialogue import Failure, Reply, Target
from matrix_distributor.transport import Pool, SSHOptions
from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts


def key_of_nobody(folder: Path, kind: str = "ed25519") -> str:
    path = folder / f"nobody-{kind}"
    keygen("-t", kind, "-N", "", "-f", path)
    return " ".join(Path(f"{path}.pub").read_text().split()[:2])


def told(
    fleet: SshdFleet, known_hosts: Path, given: tuple[str, ...], name: str = "h1", **options: object
) -> Reply | Failure:
    """Speak to a host of which the MATRIX gives these keys."""
    made = SSHOptions(config=fleet.ssh_config, known_hosts=(known_hosts,), **options)  # type: ignore[arg-type]
    with Pool(made, timeouts=SHORT) as pool:
        ((_, outcome),) = pool.converse([(Target(name, "-", host_keys=given, given_at="MATRIX:7"), saying("true"))])
    return outcome


def place(fleet: SshdFleet, name: str = "h1") -> str:
    return f"[{fleet.address(name)}]:{PORT}"


def line_of(fleet: SshdFleet, tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "known_hosts"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_a_key_of_the_text_does_not_overrule_the_one_that_known_hosts_knows(fleet: SshdFleet, tmp_path: Path) -> None:
    """Attempt 9 of the review: with another machine's key as ssh.hostkey the origin logged in to that machine."""
    known_hosts = line_of(fleet, tmp_path, "# first", f"{place(fleet)} {key_of_nobody(tmp_path)}")
    outcome = told(fleet, known_hosts, (fleet.host_key("h1"),))
    assert isinstance(outcome, Failure)
    assert outcome.stage == "host key"
    assert outcome.cause.startswith("host key changed (SHA256:")
    assert "(MATRIX:7) was SHA256:" in outcome.cause
    assert f"({known_hosts}:2)" in outcome.cause
    assert "matrix scan --replace h1" in outcome.cure
    assert 'hostkeys = "matrix"' in outcome.cure


def test_nor_by_a_key_of_another_type(fleet: SshdFleet, tmp_path: Path) -> None:
    known_hosts = line_of(fleet, tmp_path, f"{place(fleet)} {key_of_nobody(tmp_path, 'rsa')}")
    outcome = told(fleet, known_hosts, (fleet.host_key("h1"),), accept_new=True)
    assert isinstance(outcome, Failure)
    assert "another type" in outcome.cause
    assert "MATRIX:7" in outcome.cause
    assert "matrix scan --replace h1" in outcome.cure


def test_nor_where_known_hosts_hides_the_name_or_names_the_host_by_a_pattern(fleet: SshdFleet, tmp_path: Path) -> None:
    key = key_of_nobody(tmp_path)
    hidden = line_of(fleet, tmp_path, f"{place(fleet)} {key}")
    keygen("-H", "-f", hidden)
    assert fleet.address("h1") not in hidden.read_text()
    assert isinstance(told(fleet, hidden, (fleet.host_key("h1"),)), Failure)
    assert isinstance(told(fleet, line_of(fleet, tmp_path, f"[127.*]:{PORT} {key}"), (fleet.host_key("h1"),)), Failure)


def test_where_an_authority_is_known_a_plain_key_of_the_text_is_as_new_as_any(fleet: SshdFleet, tmp_path: Path) -> None:
    line = f"@cert-authority [127.*]:{PORT} {key_of_nobody(tmp_path)}"
    outcome = told(fleet, line_of(fleet, tmp_path, line), (fleet.host_key("h1"),))
    assert isinstance(outcome, Failure)
    assert f"a certificate is due by the @cert-authority line ({tmp_path}/known_hosts:1)" in outcome.cause
    assert isinstance(told(fleet, tmp_path / "known_hosts", (fleet.host_key("h1"),), accept_new=True), Reply)


def test_a_file_that_the_matrix_itself_has_written_says_no_more_than_the_matrix(
    fleet: SshdFleet, tmp_path: Path
) -> None:
    """Else a text could bring its key in by way of `matrix reflect known_hosts` on the origin."""
    made, own = tmp_path / "made", tmp_path / "own"
    head = "# MATRIX generation 7, digest 7674b52fe26c: made by matrix reflect known_hosts; change the MATRIX\n"
    made.write_text(f"{head}{place(fleet)} {fleet.host_key('h1')}\n")
    own.write_text(f"{place(fleet)} {key_of_nobody(tmp_path)}\n")
    assert isinstance(ask(fleet.ssh_config, ["h1"], known_hosts=(made,))["h1"], Reply)
    refused = ask(fleet.ssh_config, ["h1"], known_hosts=(own, made))["h1"]
    assert isinstance(refused, Failure)
    assert f"{own}:1" in refused.cause
    new = key_of_nobody(_folder(tmp_path, "new"))
    KnownHosts((own, made)).supersede([((fleet.address("h1"),), PORT, _blob(new))])
    assert own.read_text() == f"{place(fleet)} {new}\n"
    assert made.read_text().startswith(head + place(fleet))


def test_a_key_of_the_text_counts_where_known_hosts_knows_nothing_of_the_host(fleet: SshdFleet, tmp_path: Path) -> None:
    key = key_of_nobody(tmp_path)
    known_hosts = line_of(fleet, tmp_path, f"{place(fleet, 'h2')} {key}", f"{fleet.address('h1')} {key}")
    assert isinstance(told(fleet, known_hosts, (fleet.host_key("h1"),)), Reply)


def test_where_both_know_the_host_the_key_of_known_hosts_is_asked_for(fleet: SshdFleet, tmp_path: Path) -> None:
    known_hosts = line_of(fleet, tmp_path, f"{place(fleet)} {fleet.host_key('h1')}")
    assert isinstance(told(fleet, known_hosts, (key_of_nobody(tmp_path),)), Reply)
    assert isinstance(told(fleet, known_hosts, (key_of_nobody(tmp_path, "rsa"),)), Reply)


def test_a_site_may_give_the_matrix_the_last_word(fleet: SshdFleet, tmp_path: Path) -> None:
    other = key_of_nobody(tmp_path)
    known_hosts = line_of(fleet, tmp_path, f"{place(fleet)} {other}", f"{place(fleet, 'h2')} {fleet.host_key('h2')}")
    assert isinstance(told(fleet, known_hosts, (fleet.host_key("h1"),), last_word="matrix"), Reply)
    refused = told(fleet, known_hosts, (other,), "h2", last_word="matrix")
    assert isinstance(refused, Failure)
    assert "was SHA256:" in refused.cause
    assert isinstance(told(fleet, known_hosts, (), "h2", last_word="matrix"), Reply)
    revoked = line_of(fleet, tmp_path, f"@revoked * {fleet.host_key('h1')}")
    outcome = told(fleet, revoked, (fleet.host_key("h1"),), last_word="matrix")
    assert isinstance(outcome, Failure)
    assert "is revoked" in outcome.cause


def test_a_host_behind_a_jump_host_is_judged_alike(fleet: SshdFleet, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(f"Host h1\n  ProxyJump h2\n{fleet.ssh_config.read_text()}")
    lines = [f"{place(fleet)} {key_of_nobody(tmp_path)}", f"{place(fleet, 'h2')} {fleet.host_key('h2')}"]
    options = SSHOptions(config=config, known_hosts=(line_of(fleet, tmp_path, *lines),))
    with Pool(options, timeouts=SHORT) as pool:
        pairs = [(Target("h1", "-", host_keys=(fleet.host_key("h1"),)), saying("true"))]
        ((_, outcome),) = pool.converse(pairs)
    assert isinstance(outcome, Failure)
    assert "host key changed" in outcome.cause


def test_without_the_text_the_lines_to_take_out_are_named_with_their_file(fleet: SshdFleet, tmp_path: Path) -> None:
    key = key_of_nobody(tmp_path)
    known_hosts = line_of(fleet, tmp_path, f"{place(fleet)},[h1]:{PORT} {key}")
    outcome = ask(fleet.ssh_config, ["h1"], known_hosts=(known_hosts,))["h1"]
    assert isinstance(outcome, Failure)
    before, _, rest = outcome.cure.partition("(")
    for line in rest.partition(")")[0].split("; "):
        subprocess.run(["sh", "-c", line], check=True, capture_output=True)
    assert "installed anew" in before
    assert known_hosts.read_text() == ""


MANY = """\
# a remark of w1
{ours} {old}
w1 {old}
|1|damaged {old}
{ours},[10.0.0.1]:{port} {other} with words
[10.0.0.2]:{port} {old}
@revoked {ours} {old}
@cert-authority {ours} {other}

   {ours}\t{other}
{upper} {other}
{ours}nonsense
last.example.jp {other}"""
"""A known_hosts file as they grow."""


@pytest.mark.needs("ssh-keygen")
@pytest.mark.parametrize("port", [22, 2222])
@pytest.mark.parametrize("hashes", [False, True])
def test_lines_go_as_ssh_keygen_takes_them_out(tmp_path: Path, port: int, hashes: bool) -> None:
    old, other, new = (key_of_nobody(_folder(tmp_path, made)) for made in ("old", "other", "new"))
    name = "w9.example.jp" if port == 22 else f"[w9.example.jp]:{port}"
    text = MANY.format(ours=name, upper=name.upper(), port=port, old=old, other=other)
    text = "".join(line for line in text.splitlines(keepends=True) if "damaged" not in line and "nonsense" not in line)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    theirs.write_text(text)
    if hashes:
        keygen("-H", "-f", theirs)
    ours.write_bytes(theirs.read_bytes())
    ours.chmod(0o640)
    keygen("-R", name, "-f", theirs)
    KnownHosts((ours,)).supersede([(("w9.example.jp",), port, _blob(new))])
    ended = theirs.read_text() if theirs.read_text().endswith("\n") else theirs.read_text() + "\n"
    assert ours.read_text() == f"{ended}{name} {new}\n"
    assert ours.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "ours.old").read_bytes() == (tmp_path / "theirs.old").read_bytes()
    found = subprocess.run(["ssh-keygen", "-F", name, "-f", ours], capture_output=True, text=True, check=True).stdout
    assert [line for line in found.splitlines() if line[0] not in "#@"] == [f"{name} {new}"]


def test_lines_that_stand_for_others_too_stay_and_damaged_ones_are_left_alone(tmp_path: Path) -> None:
    old, new = (key_of_nobody(_folder(tmp_path, made)) for made in ("old", "new"))
    kept = f"w* {old}\nw1,*.jp {old}\n!w1,*.jp {old}\n|1|damaged {old}\n\xff\xfe\nw2 {old}\n"
    path = tmp_path / "known_hosts"
    path.write_bytes(f"w1 {old}\n{kept}".encode("latin-1"))
    KnownHosts((path,)).supersede([(("w1",), 22, _blob(new))])
    assert path.read_bytes() == f"{kept}w1 {new}\n".encode("latin-1")


def test_every_file_is_rid_of_the_old_key_and_the_first_has_the_new_one(tmp_path: Path) -> None:
    old, new = (key_of_nobody(_folder(tmp_path, made)) for made in ("old", "new"))
    first, second, none = tmp_path / "first", tmp_path / "second", tmp_path / "none"
    real = tmp_path / "real"
    real.write_text(f"10.0.0.1 {old}\n")
    first.symlink_to(real)
    second.write_text(f"w1 {old}\nw2 {old}\n")
    KnownHosts((first, second, none)).supersede([(("10.0.0.1", "w1"), 22, _blob(new))])
    assert first.is_symlink()
    assert real.read_text() == f"10.0.0.1,w1 {new}\n"
    assert second.read_text() == f"w2 {old}\n"
    assert not none.exists()


@pytest.mark.needs("root")
def test_what_is_not_roots_stays_its_owners(tmp_path: Path) -> None:
    new = key_of_nobody(tmp_path)
    path = tmp_path / "known_hosts"
    path.write_text("")
    os.chown(path, 12345, 23456)
    KnownHosts((path,)).supersede([(("w1",), 22, _blob(new))])
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def _folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def _blob(key: str) -> bytes:
    return base64.b64decode(key.split()[1])
