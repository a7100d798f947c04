"""Copying files and trees to real sshd hosts through a Session."""

from __future__ import annotations

import hashlib
import os
import resource
from pathlib import Path

import pytest
from sshd_fleet import SshdFleet

from matrix_distributor.embedded import FleetProcess
from matrix_distributor.fleetwork import FleetworkError, Session, Waves
from matrix_distributor.fleetwork.copy import CopyOptions, CopyOutcome, scan
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet
from matrix_grammar.reading import loads


def copy(
    session: Session, hosts: str, word: str, options: CopyOptions | None = None, **how: object
) -> dict[str, CopyOutcome]:
    found = {o.host: o for o in session.copy(hosts, scan(word, **how), options)}  # type: ignore[arg-type]
    return {name: found[name] for name in sorted(found)}


def what(outcome: CopyOutcome) -> dict[str, str]:
    return {change.path: change.what for change in outcome.changes}


def no_stray_file(hosts: SshdFleet) -> None:
    for name in hosts.names:
        found = hosts.run(name, "find", "/etc", "/srv/host", "/tmp", "/root", "-name", ".dsas*").stdout
        assert found == b"", name


def test_a_file_arrives_whole_with_mode_and_owner_and_a_second_time_nothing_is_sent(
    session: Session, hosts: SshdFleet, here: Path
) -> None:
    (here / "a.conf").write_bytes(b"one\n" * 5000)
    (here / "a.conf").chmod(0o640)
    os.chown(here / "a.conf", 1, 4)  # daemon, adm
    first = copy(session, "h[1-3]", f"{here}/a.conf:/etc/a.conf")
    assert [outcome.result for outcome in first.values()] == ["ok", "ok", "skipped"]
    assert what(first["h1"]) == {"/etc/a.conf": "new"}
    assert hosts.read("h1", "/etc/a.conf") == b"one\n" * 5000
    status = hosts.path("h1", "/etc/a.conf").stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o640, 1, 4)
    again = copy(session, "h[1-2]", f"{here}/a.conf:/etc/a.conf")
    assert [(outcome.result, outcome.changes) for outcome in again.values()] == [("ok", ()), ("ok", ())]
    no_stray_file(hosts)


def test_content_is_compared_by_hash_and_not_by_size_and_time(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "b").write_bytes(b"AAAA")
    copy(session, "h1", f"{here}/b:/etc/b")
    status = hosts.path("h1", "/etc/b").stat()
    hosts.write("h1", "/etc/b", b"BBBB")
    os.utime(hosts.path("h1", "/etc/b"), ns=(status.st_atime_ns, status.st_mtime_ns))
    outcome = copy(session, "h1", f"{here}/b:/etc/b")["h1"]
    assert what(outcome) == {"/etc/b": "content"}
    assert outcome.changes[0].before == hashlib.sha256(b"BBBB").hexdigest()
    assert hosts.read("h1", "/etc/b") == b"AAAA"


def test_mode_and_owner_alone_are_set_without_sending_the_file(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "c").write_bytes(os.urandom(200_000))
    copy(session, "h1", f"{here}/c:/etc/c")
    node = hosts.path("h1", "/etc/c").stat().st_ino
    outcome = copy(session, "h1", f"{here}/c:/etc/c", mode=0o4711, owner="games:games")["h1"]
    assert what(outcome) == {"/etc/c": "mode"}
    status = hosts.path("h1", "/etc/c").stat()
    assert (status.st_ino, status.st_mode & 0o7777, status.st_uid) == (node, 0o4711, 5)


def test_a_dry_run_changes_nothing(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "d").write_bytes(b"d")
    outcome = copy(session, "h1", f"{here}/d:/etc/dry", CopyOptions(dry=True))["h1"]
    assert what(outcome) == {"/etc/dry": "new"}
    assert not hosts.exists("h1", "/etc/dry")


ODD = [
    "-dash", "sp ace", "new\nline", "back\\slash", "quo'te\"", "$(x)`y`", "*", "ü", "\udcff8bit", "tab\there", "~",
    "a b/c d\n/e", "%s", "cr\r",
]  # fmt: skip


def odd_tree(folder: Path) -> dict[str, bytes]:
    contents = {name: name.encode("utf-8", "surrogateescape") * 3 for name in ODD}
    contents |= {"empty": b"", "zero-mode": b"0", "sparse": bytes(3_000_000) + b"end"}
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "zero-mode").chmod(0)
    with (folder / "sparse").open("r+b") as file:
        file.truncate(0)
        file.seek(3_000_000)
        file.write(b"end")
    (folder / "li\nnk").symlink_to("../out\\of/the tree")
    (folder / "empty folder").mkdir()
    return contents


@pytest.mark.parametrize("many", [0, 80], ids=["few names", "many names"])
def test_a_tree_with_odd_names_arrives_whole(session: Session, hosts: SshdFleet, here: Path, many: int) -> None:
    contents = odd_tree(here)
    for number in range(many):
        (here / f"file{number}").write_bytes(b"%d" % number)
    there = f"/srv/host/odd{many}"
    first = copy(session, "h[1-2]", f"{here}/:{there}/")
    assert [str(outcome.trouble) for outcome in first.values()] == ["", ""]
    for name, content in contents.items():
        assert hosts.read("h1", f"{there}/{name}") == content
    assert hosts.path("h1", f"{there}/zero-mode").stat().st_mode & 0o7777 == 0
    assert os.readlink(hosts.path("h1", f"{there}/li\nnk")) == "../out\\of/the tree"
    assert hosts.path("h1", f"{there}/empty folder").is_dir()
    again = copy(session, "h[1-2]", f"{here}/:{there}/", CopyOptions(delete=True))
    assert [(str(outcome.trouble), outcome.changes) for outcome in again.values()] == [("", ()), ("", ())]
    no_stray_file(hosts)


def test_only_what_differs_in_a_tree_changes_and_delete_removes_the_rest_when_asked(
    session: Session, hosts: SshdFleet, here: Path
) -> None:
    odd_tree(here)
    there = "/srv/host/part"
    copy(session, "h1", f"{here}/:{there}/")
    hosts.write("h1", f"{there}/a b/c d\n/e", b"changed")
    hosts.path("h1", f"{there}/empty folder").chmod(0o700)
    for extra in ("extra\nfile", "-rf"):
        hosts.write("h1", f"{there}/{extra}", b"")
    hosts.path("h1", f"{there}/more/folders").mkdir(parents=True)
    kept = copy(session, "h1", f"{here}/:{there}/")["h1"]
    assert what(kept) == {f"{there}/a b/c d\n/e": "content", f"{there}/empty folder": "mode"}
    assert hosts.exists("h1", f"{there}/extra\nfile")
    gone = copy(session, "h1", f"{here}/:{there}/", CopyOptions(delete=True))["h1"]
    assert sorted(what(gone)) == sorted(f"{there}/{name}" for name in ("extra\nfile", "-rf", "more", "more/folders"))
    assert not hosts.exists("h1", f"{there}/extra\nfile")
    assert not hosts.exists("h1", f"{there}/more")


def test_a_link_in_place_of_a_folder_is_never_followed(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub/passwd").write_bytes(b"evil")
    hosts.path("h1", "/srv/host/linked").mkdir()
    os.symlink("/etc", hosts.path("h1", "/srv/host/linked/sub"))
    before = hosts.read("h1", "/etc/passwd")
    outcome = copy(session, "h1", f"{here}/:/srv/host/linked/")["h1"]
    assert outcome.result == "failed"
    assert "sub is a link on the host" in outcome.cause
    assert hosts.read("h1", "/etc/passwd") == before


def test_a_link_in_place_of_a_file_is_replaced_and_its_target_left_alone(
    session: Session, hosts: SshdFleet, here: Path
) -> None:
    (here / "not-there").write_bytes(b"mine")
    hosts.write("h1", "/srv/host/target", b"theirs")
    for name, target in (("to-file", "/srv/host/target"), ("to-folder", "/srv/host"), ("to-nothing", "/nowhere")):
        os.symlink(target, hosts.path("h1", f"/etc/{name}"))
        assert copy(session, "h1", f"{here}/not-there:/etc/{name}")["h1"].ok
        assert not hosts.path("h1", f"/etc/{name}").is_symlink()
        assert hosts.read("h1", f"/etc/{name}") == b"mine"
    assert hosts.read("h1", "/srv/host/target") == b"theirs"
    assert not hosts.exists("h1", "/srv/host/not-there")


def test_a_folder_is_never_replaced_by_a_file(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"mine")
    outcome = copy(session, "h1", f"{here}/f:/etc/ssh")["h1"]
    assert "/etc/ssh is a folder on the host" in outcome.cause


def test_backup_keeps_what_was_there(session: Session, hosts: SshdFleet, here: Path) -> None:
    hosts.write("h1", "/etc/kept", b"old")
    (here / "f").write_bytes(b"new")
    assert copy(session, "h1", f"{here}/f:/etc/kept", CopyOptions(backup=True))["h1"].ok
    assert (hosts.read("h1", "/etc/kept"), hosts.read("h1", "/etc/kept~")) == (b"new", b"old")


def test_check_sees_the_staged_file_under_its_name_and_keeps_a_bad_one_out(
    session: Session, hosts: SshdFleet, here: Path
) -> None:
    hosts.write("h1", "/etc/checked.conf", b"good old\n")
    check = 'grep -q good %s && case %s in */checked.conf) ;; *) exit 9;; esac && echo "checked on $DSAS_HOST"'
    options = CopyOptions(check=check, then="echo then >>/srv/host/then")
    (here / "f").write_bytes(b"bad\n")
    outcome = copy(session, "h1", f"{here}/f:/etc/checked.conf", options)["h1"]
    assert (outcome.result, outcome.stage) == ("failed", "check")
    assert hosts.read("h1", "/etc/checked.conf") == b"good old\n"
    assert not hosts.exists("h1", "/srv/host/then")
    (here / "f").write_bytes(b"good new\n")
    for _ in range(2):
        outcome = copy(session, "h1", f"{here}/f:/etc/checked.conf", options)["h1"]
        assert outcome.ok
    assert hosts.read("h1", "/etc/checked.conf") == b"good new\n"
    assert hosts.read("h1", "/srv/host/then") == b"then\n"
    no_stray_file(hosts)


def test_then_that_fails_is_told_with_what_it_said(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"x")
    options = CopyOptions(then="echo cannot reload >&2; exit 4")
    outcome = copy(session, "h1", f"{here}/f:/etc/then.conf", options)["h1"]
    told = "and the next SYNCALL of them with --then runs it again"
    assert str(outcome.trouble) == f"then: --then ended with status 4; the files are in place, {told}"
    assert outcome.output == b"cannot reload\n"
    assert hosts.exists("h1", "/etc/then.conf")
    copy(session, "h1", f"{here}/f:/etc/then.conf", CopyOptions(then="true"))
    no_stray_file(hosts)


def test_nothing_of_a_check_outlives_the_wish_for_it(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"x")
    cargo = scan(f"{here}/f:/etc/endless.conf")
    (outcome,) = session.copy("h1", cargo, CopyOptions(check="sleep 4720"), pace=Waves(total=1.0))
    assert outcome.result == "interrupted"
    for _ in range(60):
        if (
            b"4720" not in hosts.run("h1", "ps", "axww", "-o", "args").stdout
            and not hosts.run("h1", "find", "/etc", "-name", ".dsas*").stdout
        ):
            break
        os.sched_yield()
        hosts.run("h1", "sleep", "0.1")
    else:
        pytest.fail("it still runs, or left its folder behind")
    assert not hosts.exists("h1", "/etc/endless.conf")


def test_what_is_neither_file_folder_nor_link_is_named_and_left_out(here: Path) -> None:
    os.mkfifo(here / "pipe")
    assert scan(f"{here}/:/x").left_out == (str(here / "pipe"),)
    with pytest.raises(FleetworkError, match="neither a file nor a folder"):
        scan(f"{here}/pipe:/x")
    with pytest.raises(FleetworkError, match="No such file"):
        scan(f"{here}/nothing:/x")


def test_a_special_file_on_the_host_holds_nobody_up(session: Session, hosts: SshdFleet, here: Path) -> None:
    os.mkfifo(hosts.path("h1", "/srv/host/pipe"))
    (here / "f").write_bytes(b"x")
    assert copy(session, "h1", f"{here}/f:/srv/host/pipe")["h1"].ok
    assert hosts.read("h1", "/srv/host/pipe") == b"x"


def test_a_large_file_takes_no_more_memory_than_a_small_one(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "small").write_bytes(b"x")
    copy(session, "h1", f"{here}/small:/srv/host/small")
    with (here / "large").open("wb") as file:
        for _ in range(16):
            file.write(os.urandom(1024 * 1024))
        file.truncate(120 * 1024 * 1024)  # the rest is a hole
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert str(copy(session, "h1", f"{here}/large:/root/large")["h1"].trouble) == ""
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert hosts.path("h1", "/root/large").stat().st_size == 120 * 1024 * 1024
    hosts.path("h1", "/root/large").unlink()
    assert grown < 32 * 1024  # KiB


def test_a_host_whose_disk_is_read_only_or_full_is_left_as_it_was(
    session: Session, hosts: SshdFleet, here: Path
) -> None:
    (here / "f").write_bytes(os.urandom(200_000))
    hosts.fault("ro", "h5")
    hosts.fault("full", "h6")
    outcomes = copy(session, "h[4-6]", f"{here}/f:/etc/big")
    assert outcomes["h4"].ok
    assert "Read-only file system" in outcomes["h5"].cause
    assert "No space left on device" in outcomes["h6"].cause
    for name in ("h5", "h6"):
        assert not hosts.exists(name, "/etc/big")
    no_stray_file(hosts)


def test_a_copy_that_is_cut_leaves_the_old_file(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(os.urandom(2_000_000))
    hosts.write("h5", "/root/cut", b"old")
    hosts.fault("cut:300", "h5")
    outcome = copy(session, "h5", f"{here}/f:/root/cut")["h5"]
    assert outcome.result == "failed"
    assert "closed" in outcome.cause or "reset" in outcome.cause.lower()
    for _ in range(50):
        if not hosts.run("h5", "find", "/root", "-name", ".dsas*").stdout:
            break
        hosts.run("h5", "sleep", "0.1")
    else:
        pytest.fail("a temporary folder stays behind")
    assert hosts.read("h5", "/root/cut") == b"old"


def test_this_machine_is_copied_to_without_ssh(hosts: SshdFleet, fleet: Fleet, here: Path, tmp_path: Path) -> None:
    hosts.fault("refuse", "h5")
    odd_tree(here)
    there = tmp_path / "there"
    with Session(fleet, SSHOptions(config=hosts.ssh_config), named="h5", timeout=30) as session:
        for changed in (True, False):
            outcome = copy(session, "h5", f"{here}/:{there}/", CopyOptions(then="echo $DSAS_HOST"))["h5"]
            assert str(outcome.trouble) == ""
            assert bool(outcome.changes) is changed
            assert outcome.output == (b"h5\n" if changed else b"")
    assert (there / "new\nline").read_bytes() == (here / "new\nline").read_bytes()
    assert list(tmp_path.glob(".dsas*")) == []


def test_hosts_of_the_embedded_fleet_keep_to_their_own_root(tmp_path: Path, here: Path) -> None:
    (here / "f").write_bytes(b"x")
    with FleetProcess(["e1", "e2"], tmp_path / "embedded") as embedded:
        fleet = loads("e1 127.0.0.1 [web]\ne2 127.0.0.2 [web]\n")
        with Session(fleet, SSHOptions(config=embedded.ssh_config), timeout=30) as session:
            assert [str(outcome.trouble) for outcome in session.copy("web", scan(f"{here}/f:/etc/deep/f"))] == ["", ""]
            assert [outcome.stdout for outcome in session.run("e1", "echo $DSAS_HOST")] == [b"e1\n"]
            (ended,) = session.run("e1", "sleep 4760", pace=Waves(total=0.5))
            assert ended.result == "interrupted"
            assert [outcome.status for outcome in session.run("web", "true")] == [0, 0]
        assert (Path(embedded.roots["e1"]) / "etc/deep/f").read_bytes() == b"x"
