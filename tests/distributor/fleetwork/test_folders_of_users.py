"""Root copies into folders that users own: it works there, and no user makes it touch what is root's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_users import HOSTILE, NOBODY, SITE, SSHD, TOOLS, at_work, equip, prepare, untouched
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.fleetwork import Session
from matrix_distributor.fleetwork.copy import CopyOptions, CopyOutcome, scan
from matrix_distributor.transport import SSHOptions
from matrix_grammar.reading import loads

each_host = pytest.mark.parametrize("name", list(TOOLS))
PLAIN = CopyOptions()


@pytest.fixture(scope="module")
def machines() -> Iterator[SshdFleet]:
    """Hosts with the tools of their names."""
    require("root", "sshd", "perl", "busybox")
    with SshdFleet(list(TOOLS), sshd_config=SSHD) as fleet:
        equip(fleet)
        yield fleet


@pytest.fixture
def root(machines: SshdFleet) -> Iterator[Session]:
    text = "".join(f"{name} {machines.address(name)} [web]\n" for name in machines.names)
    with Session(loads(text), SSHOptions(config=machines.ssh_config), timeout=60) as session:
        yield session


@pytest.fixture
def site(machines: SshdFleet, name: str) -> Path:
    """The folder of nobody's on the host, as seen from outside."""
    prepare(machines, name)
    return machines.path(name, SITE)


def copy(session: Session, name: str, word: str, options: CopyOptions = PLAIN, **how: object) -> CopyOutcome:
    (outcome,) = session.copy(name, scan(word, **how), options)  # type: ignore[arg-type]
    return outcome


def facts(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_uid, status.st_mode & 0o7777


def strays(folder: Path) -> list[Path]:
    return list(folder.rglob(".dsas*"))


@each_host
def test_a_tree_becomes_what_is_here_with_all_that_can_be_asked_for(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    (here / "in").mkdir()
    (here / "new/deep").mkdir(parents=True)
    for file in ("page1", "in/page", "new/deep/page"):
        (here / file).write_bytes(b"one\n")
    (here / "new/link").symlink_to("deep/page")
    (site / "beside").write_bytes(b"")
    options = CopyOptions(check="grep -q one %s && pwd", then="pwd", delete=True)
    outcome = copy(root, name, f"{here}/:{SITE}/", options, mode=0o4640, owner="nobody:nogroup")
    assert str(outcome.trouble) == ""
    assert outcome.output == b"/\n" * 4, "what lies in the folder is not where they start"
    for file in ("page1", "in/page", "new/deep/page"):
        assert ((site / file).read_bytes(), facts(site / file)) == (b"one\n", (NOBODY, 0o4640))
    assert os.readlink(site / "new/link") == "deep/page"
    assert facts(site / "new/deep") == (NOBODY, 0o755)
    assert not (site / "beside").exists()
    again = copy(root, name, f"{here}/:{SITE}/", options, mode=0o4640, owner="nobody:nogroup")
    assert (str(again.trouble), again.changes) == ("", ())
    (here / "in/page").write_bytes(b"two\n")
    (here / "in").chmod(0o711)
    kept = copy(root, name, f"{here}/:{SITE}/", CopyOptions(backup=True), mode=0o604, owner="games:games")
    assert str(kept.trouble) == ""
    assert ((site / "in/page").read_bytes(), (site / "in/page~").read_bytes()) == (b"two\n", b"one\n")
    assert facts(site / "in/page~") == (NOBODY, 0o4640)
    assert (facts(site / "page1"), facts(site / "in")) == ((5, 0o604), (5, 0o711))
    assert strays(site) == []


@each_host
@pytest.mark.parametrize("where", ["user", "mount", "missing", "tmp"])
def test_a_file_arrives_with_mode_and_owner(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path, where: str
) -> None:
    there = {"missing": f"{SITE}/a/b", "tmp": "/tmp"}.get(where, SITE)
    if where == "mount":  # nothing above it is on the same file system
        assert (
            machines.run(name, "mount", "-t", "tmpfs", "-o", "size=1m,uid=65534,mode=755", "none", SITE).returncode == 0
        )
    try:
        for content in (b"one\n", b"two\n"):
            (here / "f").write_bytes(content)
            outcome = copy(root, name, f"{here}/f:{there}/f", mode=0o640, owner="games:nogroup")
            assert (str(outcome.trouble), len(outcome.changes)) == ("", 1)
            path = machines.path(name, f"{there}/f")
            assert (path.read_bytes(), facts(path)) == (content, (5, 0o640))
        assert strays(machines.path(name, there)) == []
    finally:
        if where == "mount":
            machines.run(name, "umount", SITE)
        machines.path(name, "/tmp/f").unlink(missing_ok=True)


@each_host
def test_a_planted_staging_folder_is_not_cleared(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    os.symlink("/srv/host/private", site / ".dsas.aaaaaa")
    os.symlink("/srv/host/private", machines.path(name, "/tmp/.dsas.aaaaaa"))
    (site / ".dsas.bbbbbb").mkdir()
    os.chown(site / ".dsas.bbbbbb", NOBODY, NOBODY)
    os.symlink("/srv/host/private", site / ".dsas.bbbbbb/n")
    (site / "mine").mkdir(mode=0o700)
    (site / "mine/0").write_bytes(b"")
    os.utime(site / "mine", (0, 0))
    (site / "mine").rename(site / ".dsas.cccccc")
    for there in (SITE, "/tmp"):
        for content in (b"one\n", b"two\n"):
            (here / "f").write_bytes(content)
            assert str(copy(root, name, f"{here}/f:{there}/f").trouble) == ""
        machines.path(name, f"{there}/f").unlink()
    assert untouched(machines, name)
    assert (site / ".dsas.bbbbbb/n").is_symlink()
    assert (site / ".dsas.cccccc/0").exists()
    machines.path(name, "/tmp/.dsas.aaaaaa").unlink()


@each_host
def test_what_a_killed_copy_left_there_is_cleared_by_the_next(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    for number in range(2):
        left = site / f".dsas.aaaaa{number}"
        left.mkdir(mode=0o700)
        (left / "pid").write_text("999999999\n")
        (left / "0").write_bytes(b"")
        (here / "f").write_text(f"{number}\n")
        assert str(copy(root, name, f"{here}/f:{SITE}/f").trouble) == ""
        assert strays(site) == []


@each_host
def test_links_on_the_way_count_where_nobody_else_could_have_made_them(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    host = machines.path(name, "/srv/host")
    os.symlink("site", host / "www")
    os.symlink("in", site / "own")
    os.lchown(site / "own", NOBODY, NOBODY)
    os.chown(site / "in", NOBODY, NOBODY)
    os.symlink("/srv/host/private", site / "away")
    os.lchown(site / "away", NOBODY, NOBODY)
    os.symlink("/srv/host/private", site / "roots")
    for content in (b"one\n", b"two\n"):
        (here / "page1").write_bytes(content)
        assert str(copy(root, name, f"{here}/page1:/srv/host/www/page1").trouble) == ""
        assert str(copy(root, name, f"{here}/page1:{SITE}/own/page1").trouble) == ""
        assert ((site / "page1").read_bytes(), (site / "in/page1").read_bytes()) == (content, content)
        for link in ("away", "roots"):
            for options in (PLAIN, CopyOptions(then="true")):
                outcome = copy(root, name, f"{here}/page1:{SITE}/{link}/page1", options)
                assert (outcome.result, outcome.stage) == ("failed", "stage")
                assert "name the folder it leads to" in outcome.cause
    assert untouched(machines, name)


@each_host
def test_a_file_that_has_another_name_elsewhere_keeps_mode_and_owner_there(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    os.link(machines.path(name, "/srv/host/victim"), site / "page1")
    os.link(machines.path(name, "/srv/host/victim"), site / "in/page")
    (here / "in").mkdir()
    for file in ("page1", "in/page"):
        (here / file).write_bytes(b"secret\n")
    assert str(copy(root, name, f"{here}/:{SITE}/", mode=0o644, owner="nobody:nogroup").trouble) == ""
    assert (facts(site / "page1"), facts(site / "in/page")) == ((NOBODY, 0o644), (NOBODY, 0o644))
    assert untouched(machines, name)


@each_host
def test_a_backup_goes_through_no_planted_link(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    (site / "page1").write_bytes(b"old\n")
    os.symlink("/srv/host/private", site / "page1~")
    (here / "page1").write_bytes(b"new\n")
    assert str(copy(root, name, f"{here}/page1:{SITE}/page1", CopyOptions(backup=True)).trouble) == ""
    assert ((site / "page1").read_bytes(), (site / "page1~").read_bytes()) == (b"new\n", b"old\n")
    assert untouched(machines, name)


@each_host
@pytest.mark.parametrize("hostile", list(HOSTILE))
def test_a_user_who_swaps_what_he_can_while_a_tree_arrives_gains_nothing(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path, hostile: str
) -> None:
    (here / "in").mkdir()
    for number in range(6):
        (here / f"in/page{number}").write_bytes(b"")
        (here / f"page{number}").write_bytes(b"%d" % number)
    with at_work(machines, name, hostile):
        for turn in range(6):
            (here / "page0").write_bytes(os.urandom(3_000_000 if turn == 0 else 100))
            for number in range(1, 6):
                (here / f"in/page{number}").write_bytes(b"%d %d" % (number, turn))
            (here / "in").chmod(0o755 if turn % 2 else 0o750)
            options = CopyOptions(backup=turn > 2, delete=turn == 3, then="true")
            owner = "nobody:nogroup" if turn % 2 else "games:games"
            outcome = copy(root, name, f"{here}/:{SITE}/", options, mode=0o644 + turn, owner=owner)
            assert outcome.result in ("ok", "failed")
            assert untouched(machines, name), (turn, outcome)


@pytest.mark.parametrize("name", ["perl"])
def test_a_user_who_swaps_the_staging_folder_while_a_file_arrives_gains_nothing(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    (site / "f").write_bytes(b"")
    with at_work(machines, name, "staging"):
        for turn in range(40):
            content = os.urandom(200_000)
            (here / "f").write_bytes(content)
            outcome = copy(root, name, f"{here}/f:{SITE}/f", mode=0o644, owner="nobody:nogroup")
            assert untouched(machines, name), (turn, outcome)
            assert (site / "f").read_bytes() == content or outcome.result == "failed"


@pytest.mark.parametrize(("name", "works"), [("perl", True), ("dash", False)])
def test_where_mv_cannot_leave_links_alone_perl_does_it_or_is_named(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path, works: bool
) -> None:
    (here / "f").write_bytes(b"one\n")
    (site / "f").symlink_to("/srv/host/private")
    refusing = '#!/bin/sh\ncase $1 in *T*) echo invalid option >&2; exit 1;; esac; exec /bin/mv "$@"\n'
    tools = machines.path(name, "/run/tools")
    (tools / "mv").unlink()
    (tools / "mv").write_text(refusing)
    (tools / "mv").chmod(0o755)
    try:
        outcome = copy(root, name, f"{here}/f:{SITE}/f", CopyOptions(then="true"))
        own = copy(root, name, f"{here}/f:/srv/host/f", CopyOptions(then="true"))
    finally:
        machines.run(name, "ln", "-sf", "/bin/mv", "/run/tools/mv")
    assert str(own.trouble) == ""
    assert (outcome.stage, "install perl" in outcome.cause) == (("", False) if works else ("switch", True))
    assert (site / "f").is_symlink() != works
    assert strays(site) == []
    assert untouched(machines, name)


@each_host
def test_no_content_is_fetched_by_a_link_that_a_user_made(
    machines: SshdFleet, root: Session, name: str, site: Path
) -> None:
    secret = hashlib.sha256(b"secret\n").hexdigest()
    own = hashlib.sha256(b"own\n").hexdigest()
    host = machines.path(name, "/srv/host")
    (site / "in/page").write_bytes(b"own\n")
    os.chown(site / "in/page", NOBODY, NOBODY)
    os.symlink("/srv/host", site / "up")
    os.symlink("/srv/host/victim", site / "in/link")
    os.symlink("page", site / "in/near")
    os.symlink("site/in/link", host / "twice")
    os.symlink("victim", host / "ours")
    os.mkfifo(site / "pipe")

    def fetched(path: str, digest: str) -> bool:
        return bool(root.fetch({name: [(f"/srv/host/{path}", digest)]}))

    for path in ("site/up/victim", "site/in/link", "twice", "site/pipe", "site/missing"):
        assert not fetched(path, secret), path
    assert fetched("victim", secret)
    assert fetched("ours", secret)
    assert fetched("site/in/page", own)
    assert fetched("site/in/near", own)


@each_host
@pytest.mark.parametrize("how", ["content", "link", "backup"])
def test_nothing_is_written_through_a_link_where_the_system_cannot_rename(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path, how: str
) -> None:
    """As to a bind mount, or a folder with a project of its own: there mv(1) copies, that of busybox through links."""
    line = f"mkdir /srv/host/real && chown nobody:nogroup /srv/host/real && mount --bind /srv/host/real {SITE}/in"
    assert machines.run(name, "sh", "-c", line).returncode == 0
    try:
        real = machines.path(name, "/srv/host/real")
        (real / "kept").write_bytes(b"old\n")
        for planted, target in (("page", "made"), ("link", "made"), ("kept~", "made"), ("page2", "private")):
            os.symlink(f"/srv/host/{target}", real / planted)
        (here / "in").mkdir()
        for file in {"content": ("page", "page2"), "link": (), "backup": ("kept",)}[how]:
            (here / "in" / file).write_bytes(b"new\n")
        if how == "link":
            (here / "in/link").symlink_to("elsewhere")
        outcome = copy(root, name, f"{here}/:{SITE}/", CopyOptions(backup=how == "backup"), owner="nobody:nogroup")
        assert not machines.exists(name, "/srv/host/made"), outcome
        assert untouched(machines, name)
        assert outcome.result == "ok" or outcome.stage == "switch"
        assert strays(real) == []
    finally:
        machines.run(name, "umount", f"{SITE}/in")


@each_host
def test_a_folder_that_is_made_is_not_open_to_others_whatever_the_login_allows(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    (here / "f").write_bytes(b"")
    machines.write(name, "/root/.bashrc", b"umask 0\n")
    try:
        assert [outcome.stdout.strip() for outcome in root.run(name, "umask")] == [b"0000"]
        assert str(copy(root, name, f"{here}/f:/srv/host/a/b/f").trouble) == ""
    finally:
        machines.path(name, "/root/.bashrc").unlink()
    for made in ("a", "a/b"):
        assert facts(machines.path(name, f"/srv/host/{made}"))[1] & 0o22 == 0


@pytest.mark.parametrize("name", ["perl", "dash", "bash"])
def test_of_a_file_that_becomes_longer_meanwhile_no_more_is_copied_than_it_should_have(
    machines: SshdFleet, root: Session, here: Path, name: str, site: Path
) -> None:
    """Its owner may make it as long as he likes, and would fill the disk by root's hand."""
    (here / "f").write_bytes(b"one\n")
    assert machines.run(name, "mount", "-t", "tmpfs", "-o", "size=1m,uid=65534,mode=755", "none", SITE).returncode == 0
    tools = machines.path(name, "/run/tools")
    (tools / "ln").unlink()
    (tools / "ln").write_text('#!/bin/sh\n/bin/ln "$@"\ncase $2 in */was) /usr/bin/truncate -s 1G "$2";; esac\n')
    (tools / "ln").chmod(0o755)
    try:
        assert str(copy(root, name, f"{here}/f:{SITE}/f", mode=0o644).trouble) == ""
        outcome = copy(root, name, f"{here}/f:{SITE}/f", mode=0o640, owner="nobody:nogroup")
        found = machines.path(name, f"{SITE}/f")
        assert (str(outcome.trouble), found.read_bytes(), facts(found)) == ("", b"one\n", (NOBODY, 0o640))
    finally:
        machines.run(name, "ln", "-sf", "/bin/ln", "/run/tools/ln")
        machines.run(name, "umount", SITE)
