"""--then that did not go well is still to be run, and the next copy with --then runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from fleet_faces import bring, call_face, last
from sshd_fleet import SshdFleet

from matrix_distributor.fleetwork import Session
from matrix_distributor.fleetwork.copy import CopyOptions, CopyOutcome, scan
from matrix_grammar import Fleet

COUNTED = "echo run >>/srv/host/runs; test -e /srv/host/mended"


@pytest.fixture(autouse=True)
def _empty(hosts: SshdFleet) -> None:
    hosts.run("h5", "sh", "-c", "rm -rf /srv/host/* /etc/then /etc/then.*")


def copy(session: Session, word: str, options: CopyOptions) -> CopyOutcome:
    (outcome,) = session.copy("h5", scan(word), options)
    return outcome


def runs(hosts: SshdFleet) -> int:
    return hosts.read("h5", "/srv/host/runs").count(b"run") if hosts.exists("h5", "/srv/host/runs") else 0


@pytest.mark.parametrize(
    ("place", "delete"), [("f:/etc/then/f", False), ("t/:/etc/then/", False), ("t/:/etc/then/", True)]
)
def test_then_that_failed_is_run_by_the_next_copy(
    session: Session, hosts: SshdFleet, here: Path, place: str, delete: bool
) -> None:
    (here / "t/in").mkdir(parents=True)
    for name in ("f", "t/in/f"):
        (here / name).write_bytes(b"content\n")
    word, options = f"{here}/{place}", CopyOptions(then=COUNTED, delete=delete)
    failed = copy(session, word, options)
    assert (failed.result, failed.stage, runs(hosts)) == ("failed", "then", 1)
    assert "runs it again" in failed.cause
    assert copy(session, word, CopyOptions(delete=delete)).changes == (), "no --then was asked for"
    dry = copy(session, word, CopyOptions(then=COUNTED, delete=delete, dry=True))
    assert ([change.what for change in dry.changes], runs(hosts)) == (["then"], 1)
    assert (copy(session, word, options).stage, runs(hosts)) == ("then", 2)
    hosts.write("h5", "/srv/host/mended", b"")
    mended = copy(session, word, options)
    path = "/etc/then/f" if place.startswith("f") else "/etc/then"
    assert ([(change.what, change.path) for change in mended.changes], runs(hosts)) == ([("then", path)], 3)
    again = copy(session, word, options)
    assert (again.result, again.changes, runs(hosts)) == ("ok", (), 3)
    assert list(hosts.path("h5", "/etc/then").glob(".dsas*")) == []


def test_then_that_was_cut_off_is_run_by_the_next_copy(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"content\n")
    word = f"{here}/f:/etc/then/f"
    cut = copy(session, word, CopyOptions(then="kill -9 $PPID; sleep 5"))
    assert cut.result == "failed"
    assert hosts.read("h5", "/etc/then/f") == b"content\n"
    hosts.write("h5", "/srv/host/mended", b"")
    assert ([change.what for change in copy(session, word, CopyOptions(then=COUNTED)).changes], runs(hosts)) == (
        ["then"],
        1,
    )


def test_then_is_not_owed_where_nothing_was_changed(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"content\n")
    word = f"{here}/f:/etc/then/f"
    assert copy(session, word, CopyOptions(check="false", then=COUNTED)).stage == "check"
    assert copy(session, word, CopyOptions()).result == "ok"
    assert (copy(session, word, CopyOptions(then=COUNTED)).changes, runs(hosts)) == ((), 0)


@pytest.mark.parametrize("name", ["n" * 244, "n" * 245, "é" * 127, "n" * 255])
def test_then_is_owed_whatever_the_length_of_the_name(
    session: Session, hosts: SshdFleet, here: Path, name: str
) -> None:
    (here / "f").write_bytes(b"content\n")
    word, options = f"{here}/f:/etc/then/{name}", CopyOptions(then=COUNTED)
    assert (copy(session, word, options).stage, runs(hosts)) == ("then", 1)
    hosts.write("h5", "/srv/host/mended", b"")
    assert ([change.what for change in copy(session, word, options).changes], runs(hosts)) == (["then"], 2)
    assert copy(session, word, options).changes == ()
    assert os.listdir(hosts.path("h5", "/etc/then")) == [name]


def test_a_long_name_is_owed_to_both_faces_alike(session: Session, hosts: SshdFleet, fleet: Fleet, here: Path) -> None:
    bring(hosts, fleet, "")
    name = "é" * 127
    (here / "f").write_bytes(b"x\n")
    hosts.run("h1", "sh", "-c", f"mkdir -p /srv/host/s; echo x >/srv/host/s/{name}; chmod 644 /srv/host/s/{name}")
    (here / "f").chmod(0o644)
    for shell in ("dash", "bash", "busybox"):
        assert copy(session, f"{here}/f:/etc/then/{name}", CopyOptions(then=COUNTED)).stage == "then"
        hosts.write("h5", "/srv/host/mended", b"")
        done = call_face(hosts, shell, "SYNCALL", "--then", COUNTED, "h5", f"/srv/host/s/{name}:/etc/then/{name}")
        assert done.stdout == f"h5: then /etc/then/{name}\n", done.stderr
        assert os.listdir(hosts.path("h5", "/etc/then")) == [name]
        hosts.run("h5", "sh", "-c", "rm -rf /srv/host/mended /etc/then")


def test_what_is_owed_to_this_machine_is_not_copied(
    session: Session, hosts: SshdFleet, fleet: Fleet, here: Path
) -> None:
    """A tree here may hold the mark of a copy that was made to it."""
    bring(hosts, fleet, "")
    hosts.write("h5", "/srv/host/mended", b"")
    make = "mkdir -p t/in && echo x >t/in/f && : >t/.dsas.then && : >t/in/.dsas.then-f && chmod 755 t/in"
    hosts.run("h1", "sh", "-c", f"rm -rf /srv/host/t; cd /srv/host && {make}")
    subprocess.run(["sh", "-c", make], cwd=here, check=True)
    found = scan(f"{here}/t/:/etc/then/")
    assert [entry.name for entry in found.entries] == ["in", "in/f"]
    for shell in ("", "dash", "bash", "busybox"):
        hosts.run("h5", "rm", "-rf", "/etc/then")
        for changes in (3, 0):
            if shell:
                words = ("--delete", "--then", COUNTED, "h5", "/srv/host/t:/etc/then")
                done = call_face(hosts, shell, "SYNCALL", *words)
                assert (done.stdout.count("new /etc/then"), done.returncode) == (changes, 0), done
            else:
                (outcome,) = session.copy("h5", found, CopyOptions(then=COUNTED, delete=True))
                assert (str(outcome.trouble), len(outcome.changes)) == ("", changes)
        assert hosts.run("h5", "find", "/etc/then", "-name", ".dsas*").stdout == b""


def test_then_may_take_the_folder_away(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"content\n")
    assert str(copy(session, f"{here}/f:/etc/then/f", CopyOptions(then="rm -rf /etc/then")).trouble) == ""


def test_then_of_a_tree_without_files_is_owed_as_well(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "t").mkdir(mode=0o700)
    word, options = f"{here}/t/:/etc/then/", CopyOptions(then=COUNTED)
    assert (copy(session, word, options).stage, runs(hosts)) == ("then", 1)
    assert hosts.path("h5", "/etc/then").stat().st_mode & 0o7777 == 0o700
    hosts.write("h5", "/srv/host/mended", b"")
    mended = copy(session, word, options)
    assert ([(change.what, change.path) for change in mended.changes], runs(hosts)) == ([("then", "/etc/then")], 2)
    assert (copy(session, word, options).changes, runs(hosts)) == ((), 2)
    assert list(hosts.path("h5", "/etc/then").iterdir()) == []


def test_a_folder_that_is_kept_is_told_beside_it_and_one_that_is_set_is_a_reason_to_run_it(
    session: Session, hosts: SshdFleet, here: Path
) -> None:
    (here / "t").mkdir(mode=0o755)
    (here / "t/f").write_bytes(b"content\n")
    hosts.run("h5", "mkdir", "-m", "0700", "/etc/then")
    word, options = f"{here}/t/:/etc/then/", CopyOptions(then=COUNTED)
    assert (copy(session, word, options).stage, runs(hosts)) == ("then", 1)
    hosts.write("h5", "/srv/host/mended", b"")
    mended = copy(session, word, options)
    assert ([change.what for change in mended.changes], runs(hosts)) == (["then"], 2)
    assert mended.kept == "0700 root:root there, 0755 root:root here"
    assert (copy(session, word, options).changes, runs(hosts)) == ((), 2)
    topped = copy(session, word, CopyOptions(then=COUNTED, top=True))
    assert ([(change.what, change.path) for change in topped.changes], runs(hosts)) == ([("mode", "/etc/then")], 3)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_the_sh_functions_run_it_too(hosts: SshdFleet, fleet: Fleet, shell: str) -> None:
    bring(hosts, fleet, "")
    hosts.run(
        "h1", "sh", "-c", "rm -rf /srv/host/*; mkdir -p /srv/host/t/in; echo x >/srv/host/t/in/f; echo x >/srv/host/f"
    )
    for number, (word, path) in enumerate(
        (("/srv/host/f:/etc/then/f", "/etc/then/f"), ("/srv/host/t:/etc/then.d", "/etc/then.d"))
    ):
        hosts.run("h5", "rm", "-f", "/srv/host/mended")
        failed = call_face(hosts, shell, "SYNCALL", "--then", COUNTED, "h5", word)
        assert (failed.returncode, runs(hosts)) == (3, 3 * number + 1)
        assert last(call_face(hosts, shell, "SYNCALL", "h5", word)) == "1 same"
        hosts.write("h5", "/srv/host/mended", b"")
        assert call_face(hosts, shell, "SYNCALL", "-n", "--then", COUNTED, "h5", word).stdout == f"h5: then {path}\n"
        mended = call_face(hosts, shell, "SYNCALL", "--then", COUNTED, "h5", word)
        assert (mended.stdout, mended.returncode, runs(hosts)) == (f"h5: then {path}\n", 0, 3 * number + 2)
        assert last(call_face(hosts, shell, "SYNCALL", "--then", COUNTED, "h5", word)) == "1 same"
        hosts.write("h5", "/srv/host/runs", b"run\n" * (3 * number + 3))
