"""Work through a real sudo, on hosts where people log in as an ordinary user."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.fleetwork import Session, Waves
from matrix_distributor.fleetwork.copy import CopyOptions, scan
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

USER = """\
echo deploy:x:4711:4711::/srv/host/deploy:/bin/sh >>/etc/passwd
echo deploy:x:4711: >>/etc/group
echo 'deploy:*:19000::::::' >>/etc/shadow
mkdir -p /srv/host/deploy && chown 4711:4711 /srv/host/deploy
echo "127.0.0.1 $(hostname)" >>/etc/hosts
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[SshdFleet]:
    """Two hosts with the user deploy, who may do all as root on s1, and with a password that nobody has on s2."""
    require("root", "sshd", "sudo")
    with SshdFleet(["s1", "s2"]) as hosts:
        for name, tag in (("s1", "NOPASSWD: "), ("s2", "")):
            rule = f"echo 'deploy ALL=(ALL) {tag}ALL' >/etc/sudoers.d/deploy; chmod 440 /etc/sudoers.d/deploy"
            done = hosts.run(name, "sh", "-ec", USER + rule)
            assert done.returncode == 0, done.stderr
        yield hosts


@pytest.fixture
def deployed(servers: SshdFleet) -> Fleet:
    names = "".join(f"{name} {servers.address(name)} [web] ssh.user=deploy\n" for name in servers.names)
    return loads(names)


@pytest.fixture
def root(servers: SshdFleet, deployed: Fleet) -> Iterator[Session]:
    with Session(deployed, SSHOptions(config=servers.ssh_config), timeout=30, sudo=True) as session:
        yield session


@pytest.fixture
def ordinary(servers: SshdFleet, deployed: Fleet) -> Iterator[Session]:
    with Session(deployed, SSHOptions(config=servers.ssh_config), timeout=30) as session:
        yield session


def test_a_command_runs_as_root_only_when_asked_and_knows_its_host(root: Session, ordinary: Session) -> None:
    line = 'echo "$(id -un) $DSAS_HOST"'
    assert [outcome.stdout for outcome in ordinary.run("s1", line)] == [b"deploy s1\n"]
    assert [outcome.stdout for outcome in root.run("s1", line)] == [b"root s1\n"]


def test_a_password_that_sudo_wants_is_the_hosts_trouble(root: Session) -> None:
    outcomes = {outcome.host: outcome for outcome in root.run("web", "true")}
    assert (outcomes["s1"].result, outcomes["s2"].result) == ("ok", "failed")
    assert b"a password is required" in outcomes["s2"].stderr
    (copied,) = root.copy("s2", scan(f"{__file__}:/etc/x"))
    assert "a password is required" in str(copied.trouble)


def test_what_root_runs_for_us_ends_with_us(root: Session, servers: SshdFleet) -> None:
    (outcome,) = root.run("s1", "sleep 4791 & sh -c 'trap : TERM; sleep 4791'; sleep 4791", pace=Waves(total=1.0))
    assert outcome.result == "interrupted"
    for _ in range(60):
        if b"4791" not in servers.run("s1", "ps", "axww", "-o", "args").stdout:
            return
        time.sleep(0.1)
    pytest.fail("the command outlived its FORALL")


def test_files_of_root_are_copied_and_compared_through_sudo_alone(
    root: Session, ordinary: Session, servers: SshdFleet, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(b"secret\n")
    cargo = scan(f"{tmp_path}/f:/etc/secret", mode=0o600, owner="root:games")
    (refused,) = ordinary.copy("s1", cargo)
    assert (refused.stage, refused.cure) == ("stage", "log in as root, or use --sudo")
    assert not servers.exists("s1", "/etc/secret")
    (copied,) = root.copy("s1", cargo)
    assert str(copied.trouble) == ""
    status = servers.path("s1", "/etc/secret").stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o600, 0, 60)
    (again,) = root.copy("s1", cargo)
    assert (str(again.trouble), again.changes) == ("", ())
    seen = {
        session: [o.presence for o in session.held(session.choose("s1"), "/etc/secret")] for session in (root, ordinary)
    }
    assert seen == {root: ["there"], ordinary: ["unreadable"]}


def test_an_ordinary_user_copies_what_is_his_own(ordinary: Session, servers: SshdFleet, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/page").write_bytes(b"page\n")
    (tmp_path / "site/none").write_bytes(b"nobody reads it\n")
    (tmp_path / "site/none").chmod(0)
    cargo = scan(f"{tmp_path}/site/:/srv/host/deploy/site/")
    (first,) = ordinary.copy("s1", cargo)
    assert str(first.trouble) == ""
    assert {servers.path("s1", f"/srv/host/deploy/site/{name}").stat().st_uid for name in ("page", "none")} == {4711}
    assert servers.path("s1", "/srv/host/deploy/site/none").stat().st_mode & 0o7777 == 0


def test_then_is_done_where_an_ordinary_user_may_not_write_any_more(
    ordinary: Session, servers: SshdFleet, tmp_path: Path
) -> None:
    """The folder of the tree has its mode before --then runs, and the file that says that it is owed goes after it."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed/page").write_bytes(b"page\n")
    (tmp_path / "closed").chmod(0o555)
    cargo, options = scan(f"{tmp_path}/closed/:/srv/host/deploy/closed/"), CopyOptions(then="true")
    (first,) = ordinary.copy("s1", cargo, options)
    assert str(first.trouble) == ""
    there = servers.path("s1", "/srv/host/deploy/closed")
    assert ([path.name for path in there.iterdir()], there.stat().st_mode & 0o7777) == (["page"], 0o555)
    (again,) = ordinary.copy("s1", cargo, options)
    assert (str(again.trouble), again.changes, again.kept) == ("", (), "")


def test_a_folder_that_an_ordinary_user_cannot_look_into_is_there(ordinary: Session, servers: SshdFleet) -> None:
    assert servers.run("s1", "sh", "-c", "mkdir -m 0700 /srv/host/closed; : >/srv/host/closed/x").returncode == 0
    (outcome,) = ordinary.held(ordinary.choose("s1"), "/srv/host/closed")
    assert outcome.presence == "there"
