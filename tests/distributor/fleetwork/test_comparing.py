"""Comparing files over real sshd hosts through a Session."""

from __future__ import annotations

import os
from pathlib import Path

from sshd_fleet import SshdFleet

from matrix_distributor.fleetwork import HeldOutcome, Session, facts, held_here, majority, versions


def held(session: Session, hosts: str, path: str) -> dict[str, HeldOutcome]:
    return {outcome.host: outcome for outcome in session.held(session.choose(hosts), path)}


def test_absent_unreachable_and_different_are_told_apart(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "f").write_bytes(b"same")
    for name, content in (("h1", b"same"), ("h2", b"same"), ("h4", b"other")):
        hosts.write(name, "/etc/compared", content)
    hosts.fault("refuse", "h6")
    path, ours, _ = held_here(f"{here}/f:/etc/compared")
    outcomes = held(session, "h[1-2,4-6]", path)
    assert {name: outcome.presence for name, outcome in sorted(outcomes.items())} == {
        "h1": "there", "h2": "there", "h4": "there", "h5": "absent", "h6": "unknown",
    }  # fmt: skip
    assert facts(outcomes["h1"].held, modes=False) == facts(ours, modes=False)
    assert facts(outcomes["h4"].held, modes=False) != facts(ours, modes=False)
    found = versions(outcomes.values(), modes=False)
    assert [sorted(version.hosts) for version in found] == [["h1", "h2"], ["h4"]]
    assert majority(found) is found[0]


def test_two_even_versions_have_no_majority(session: Session, hosts: SshdFleet) -> None:
    for name in ("h1", "h4"):
        hosts.write(name, "/etc/even", name.encode())
    assert majority(versions(held(session, "h[1,4]", "/etc/even").values(), modes=False)) is None


def test_modes_and_owners_count_when_asked(session: Session, hosts: SshdFleet) -> None:
    for name, mode in (("h1", 0o600), ("h4", 0o644)):
        hosts.write(name, "/etc/moded", b"x")
        hosts.path(name, "/etc/moded").chmod(mode)
    outcomes = held(session, "h[1,4]", "/etc/moded").values()
    assert len(versions(outcomes, modes=False)) == 1
    assert len(versions(outcomes, modes=True)) == 2


def test_trees_are_compared_with_all_that_is_in_them(session: Session, hosts: SshdFleet) -> None:
    for name in ("h1", "h4", "h5"):
        hosts.path(name, "/srv/host/tree/in").mkdir(parents=True)
        hosts.write(name, "/srv/host/tree/in/new\nline", b"x")
        os.symlink("a" if name == "h5" else "b", hosts.path(name, "/srv/host/tree/link"))
    hosts.write("h4", "/srv/host/tree/in/more", b"")
    outcomes = held(session, "h[1,4-5]", "/srv/host/tree")
    assert set(outcomes["h1"].held) == {"", "in", "in/new\nline", "link"}
    assert len(versions(outcomes.values(), modes=False)) == 3


def test_each_content_is_fetched_once_and_only_as_it_was_seen(session: Session, hosts: SshdFleet) -> None:
    hosts.write("h1", "/etc/fetched", b"content\n")
    digest = held(session, "h1", "/etc/fetched")["h1"].held[""].digest
    wanted = {"h1": [("/etc/fetched", digest), ("/etc/fetched", "0" * 64), ("/etc/nothing", "1" * 64)]}
    assert session.fetch(wanted) == {digest: b"content\n"}
