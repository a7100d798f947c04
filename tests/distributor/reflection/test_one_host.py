"""One file on one host: checked there, switched, applied, put back when that fails; in dash, and in busybox alone."""

import os
import stat
import time

import pytest
from matrix_parts import require

NEW, OLD = "weight 10\n", "weight 5\n"


@pytest.fixture(params=[None, 65534], ids=["own", "of a user"])
def place(request, host):
    """The file's place on the host, which has an old one, in a folder of root's or of a user's."""
    path = host.root / "etc/lb/lb.conf"
    path.parent.mkdir(parents=True)
    path.write_text(OLD)
    path.chmod(0o644)
    if request.param is not None:
        require("root")
        os.chown(path.parent, request.param, request.param)
    return path


def logged(host):
    """A line to apply with that writes down what was in force each time."""
    return f"cat {host.root}/etc/lb/lb.conf >>{host.root}/log"


def log(host):
    path = host.root / "log"
    return path.read_text() if path.exists() else ""


def test_it_is_checked_put_in_place_and_applied_and_a_second_time_left_alone(host, place, file, applied, strays):
    check = f'grep -q weight %s && case %s in */lb.conf) echo "$DSAS_HOST" >>{host.root}/checked;; *) exit 9;; esac'
    wanted = file(NEW, check=check, apply=logged(host), mode=0o600)
    assert applied(host, wanted, dry=True).change == "content"
    assert place.read_text() == OLD
    outcome = applied(host, wanted)
    assert (outcome.result, outcome.change, outcome.cause) == ("ok", "content", "")
    assert outcome.applied
    assert applied(host, wanted).change == "same"
    assert place.read_text() == log(host) == NEW
    assert (host.root / "checked").read_text() == "w1\n"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert strays(host.root) == []


def test_where_there_was_none_it_makes_the_folder_too(host, file, applied, strays):
    outcome = applied(host, file(NEW, path="/etc/new/deep/x.conf"))
    assert (outcome.result, outcome.change) == ("ok", "new")
    assert (host.root / "etc/new/deep/x.conf").read_text() == NEW
    assert strays(host.root) == []


def test_a_header_of_another_generation_is_no_change(host, place, file, applied):
    head = "# MATRIX generation {}, digest 0123456789ab: made by matrix reflect lb; change the MATRIX, not this file\n"
    place.write_text(head.format(7) + NEW)
    assert applied(host, file(head.format(8) + NEW)).change == "same"
    assert applied(host, file(head.format(8) + OLD)).change == "content"
    assert place.read_text() == head.format(8) + OLD


def test_another_mode_alone_is_a_change(host, place, file, applied):
    place.chmod(0o666)
    assert applied(host, file(OLD, apply=logged(host))).change == "mode"
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    assert log(host) == OLD


def test_what_its_check_refuses_changes_nothing_and_tells_what_the_check_said(host, place, file, applied, strays):
    place.chmod(0o640)
    before = place.stat()
    outcome = applied(host, file(NEW, check="echo line 3 is wrong; cat %s; exit 4", apply=logged(host)))
    assert (outcome.result, outcome.stage) == ("failed", "check")
    assert outcome.cause == "its check ended with status 4; nothing was changed"
    assert outcome.output == b"line 3 is wrong\n" + NEW.encode()
    assert (place.read_text(), place.stat().st_ino, place.stat().st_mode) == (OLD, before.st_ino, before.st_mode)
    assert log(host) == ""
    assert strays(host.root) == []


@pytest.mark.parametrize("host", ["busybox"], indirect=True)
def test_a_check_that_never_ends_is_ended(host, place, file, applied, strays):
    outcome = applied(host, file(NEW, check="sleep 4711; true"), limit=1)
    assert (outcome.stage, outcome.cause) == ("check", "its check did not end within 1 s; nothing was changed")
    assert place.read_text() == OLD
    assert strays(host.root) == []


def test_what_cannot_be_applied_is_put_back_as_it_was_and_applied(host, place, file, applied, strays):
    place.chmod(0o640)
    before = place.stat()
    apply = f"{logged(host)}; echo cannot reload; grep -q 'weight 5' {place}"
    outcome = applied(host, file(NEW, apply=apply))
    assert (outcome.result, outcome.stage) == ("failed", "apply")
    assert outcome.cause == "its apply ended with status 1; the old file is back in place, and applied"
    assert outcome.output == b"cannot reload\ncannot reload\n"
    assert (place.read_text(), place.stat().st_ino, place.stat().st_mode) == (OLD, before.st_ino, before.st_mode)
    assert log(host) == NEW + OLD
    assert strays(host.root) == []


@pytest.mark.needs("root")
@pytest.mark.parametrize("planted", ["link", "folder", "file"])
def test_in_a_folder_of_a_user_nothing_that_he_planted_is_followed(host, place, file, applied, planted):
    root = host.root / "root"
    root.mkdir()
    for name in ("old", "new", "pid", "settled"):
        (root / name).write_text("root\n")
    os.chown(place.parent, 65534, 65534)
    journal = place.parent / ".dsas-lb.conf"
    if planted == "link":
        journal.symlink_to(root)
    elif planted == "folder":
        journal.mkdir()
        (journal / "old").symlink_to(root / "old")
        os.chown(journal, 65534, 65534)
    else:
        journal.write_text("")
    outcome = applied(host, file(NEW, apply=logged(host)))
    assert outcome.stage == "switch"
    assert outcome.cause.endswith("/.dsas-lb.conf was put there by somebody else: remove it")
    assert (place.read_text(), log(host)) == (OLD, "")
    assert sorted((path.name, path.read_text()) for path in root.iterdir()) == [
        (name, "root\n") for name in ("new", "old", "pid", "settled")
    ]


def test_what_cannot_be_applied_where_there_was_none_is_removed(host, file, applied, strays):
    there = host.root / "etc/lb/lb.conf"
    outcome = applied(host, file(NEW, apply=f"test ! -e {there}"))
    assert outcome.cause.endswith("there was no file before, and there is none now, and applied")
    assert not there.exists()
    assert strays(host.root) == []


def test_when_the_old_one_cannot_be_applied_either_that_is_told_apart(host, place, file, applied, strays):
    outcome = applied(host, file(NEW, apply="exit 3"))
    assert (outcome.result, outcome.stage) == ("failed", "undo")
    assert outcome.cause == (
        "its apply ended with status 3; the old file is back in place, but applying that ended with status 3"
    )
    assert place.read_text() == OLD
    assert strays(host.root) == []


@pytest.mark.parametrize("host", ["busybox"], indirect=True)
def test_an_apply_that_hangs_is_ended_with_all_that_it_started(host, place, file, applied, strays):
    apply = f"grep -q 'weight 5' {place} || {{ (trap '' TERM; exec sleep 4713) & sleep 4713; }}"
    outcome = applied(host, file(NEW, apply=apply), limit=1)
    assert outcome.stage == "apply"
    assert "its apply did not end within 1 s; the old file is back in place, and applied" in outcome.cause
    assert place.read_text() == OLD
    assert strays(host.root) == []
    with os.popen("pgrep -f 'sleep 471[3]'") as running:
        assert running.read() == ""


def test_a_daemon_that_an_apply_starts_lives_on_and_keeps_nobody_waiting(host, place, file, applied):
    go, mark = host.root / "go", host.root / "mark"
    assert applied(host, file(NEW, apply=f"(until [ -e {go} ]; do sleep 0.1; done; echo alive >{mark}) &")).ok
    assert not mark.exists()
    go.touch()
    while not mark.exists():
        time.sleep(0.05)


def test_what_is_no_file_is_never_replaced(host, place, file, applied):
    place.rename(place.with_name("real.conf"))
    place.symlink_to("real.conf")
    outcome = applied(host, file(NEW))
    assert outcome.cause == "/etc/lb/lb.conf is a symbolic link to real.conf on the host, and is not replaced"
    assert place.is_symlink()
    place.unlink()
    place.mkdir()
    assert applied(host, file(NEW)).cause == "/etc/lb/lb.conf is a folder on the host"


def test_an_objection_keeps_it_from_being_sent(host, place, file, applied):
    outcome = applied(host, file(NEW), objection=lambda wanted, present: f"not from {present!r}")
    assert (outcome.stage, outcome.cause) == ("removals", f"not from {OLD.encode()!r}")
    assert place.read_text() == OLD


@pytest.mark.needs("root")
def test_the_owner_is_set_before_anybody_reads_it(host, place, file, applied):
    check = f'stat -c "%U %a" %s >{host.root}/seen'
    assert applied(host, file(NEW, owner="nobody", mode=0o640, check=check)).ok
    assert (host.root / "seen").read_text() == "nobody 640\n"
    assert place.owner() == "nobody"
    assert applied(host, file(NEW, owner="nobody", mode=0o640)).change == "same"
    outcome = applied(host, file(OLD, owner="no-such-user"))
    assert (outcome.stage, place.read_text()) == ("stage", NEW)
    assert "the owner no-such-user cannot be set" in outcome.cause


def test_hostile_names_and_lines_reach_no_shell_but_the_one_they_are_for(host, file, applied, strays):
    path = "/etc/it's $(touch pwned) `id`/a b;c'.conf"
    outcome = applied(host, file(NEW, path=path, check="test -s %s", apply="echo 'done it' >&2"))
    assert (outcome.result, outcome.output) == ("ok", b"done it\n")
    assert (host.root / path[1:]).read_text() == NEW
    assert list(host.root.rglob("pwned")) == []
    assert strays(host.root) == []
