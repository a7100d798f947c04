"""A file here that vanishes, shrinks, grows or changes kind while it is copied: one line, and nothing is half done."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sshd_fleet import SshdFleet

from matrix_distributor.fleetwork import FleetworkError, Session, comparing, held_here
from matrix_distributor.fleetwork.copy import CopyOutcome, entries, scan

CONTENT = os.urandom(300_000)


def gone(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def shorter(path: Path) -> None:
    os.truncate(path, 1000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def other(path: Path) -> None:
    path.write_bytes(os.urandom(len(CONTENT)))


CHANGES = {
    "gone": (gone, "No such file or directory"),
    "a folder": (folder, "Is a directory"),
    "a fifo": (fifo, "no plain file any more"),
    "shorter": (shorter, "was changed here while it was copied"),
    "empty": (empty, "was changed here while it was copied"),
    "other": (other, "was changed here while it was copied"),
}


@pytest.mark.parametrize(("change", "cause"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("tree", [True, False], ids=["tree", "file"])
def test_it_fails_with_its_name_and_changes_nothing(
    session: Session, hosts: SshdFleet, here: Path, change: Callable[[Path], None], cause: str, tree: bool
) -> None:
    hosts.run("h4", "sh", "-c", "rm -rf /srv/host/*; mkdir -p /srv/host/t; echo old >/srv/host/t/b")
    (here / "t").mkdir()
    for name in ("a", "b", "c"):
        (here / "t" / name).write_bytes(CONTENT)
    cargo = scan(f"{here}/t/:/srv/host/t/" if tree else f"{here}/t/b:/srv/host/t/b")
    change(here / "t/b")
    (outcome,) = session.copy("h4", cargo)
    assert (outcome.result, outcome.stage) == ("failed", "transfer")
    assert f"{here}/t/b" in outcome.cause
    assert cause in outcome.cause
    assert "nothing was changed" in outcome.cause
    assert sorted(path.name for path in hosts.path("h4", "/srv/host/t").iterdir()) == ["b"]
    assert hosts.read("h4", "/srv/host/t/b") == b"old\n"


def test_a_file_that_grew_arrives_as_it_was(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "log").write_bytes(CONTENT)
    cargo = scan(f"{here}/log:/srv/host/log")
    with (here / "log").open("ab") as file:
        file.write(b"a line more\n")
    (outcome,) = session.copy("h4", cargo)
    assert str(outcome.trouble) == ""
    assert hosts.read("h4", "/srv/host/log") == CONTENT


def test_hosts_that_have_it_already_are_none_of_its_trouble(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(CONTENT)
    cargo = scan(f"{here}/f:/srv/host/vanishing")
    list(session.copy("h4", cargo))
    (here / "f").unlink()
    outcomes: dict[str, CopyOutcome] = {outcome.host: outcome for outcome in session.copy("h4,h5", cargo)}
    assert (str(outcomes["h4"].trouble), outcomes["h5"].stage) == ("", "transfer")


def test_what_vanishes_while_it_is_looked_at_is_a_message(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "f").write_bytes(CONTENT)

    def scan_and_remove(word: str) -> entries.Cargo:
        cargo = scan(word)
        (here / "f").unlink()
        return cargo

    monkeypatch.setattr(comparing, "scan", scan_and_remove)
    with pytest.raises(FleetworkError, match="No such file"):
        held_here(f"{here}/f")


def test_a_fifo_in_the_place_of_a_file_holds_nobody_up(here: Path) -> None:
    os.mkfifo(here / "f")
    with pytest.raises(OSError, match="no plain file"):
        entries.open_plain(str(here / "f"))


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TMPDIR that is not there any more."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))


def test_a_folder_for_temporary_files_that_takes_none_is_a_message(
    session: Session, hosts: SshdFleet, here: Path, full: None
) -> None:
    (here / "f").write_bytes(CONTENT)
    (outcome,) = session.copy("h4", scan(f"{here}/f:/srv/host/new"))
    assert (outcome.result, outcome.stage) == ("failed", "transfer")
    assert "nothing can be kept in" in outcome.cause
