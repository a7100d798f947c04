"""The short question never takes something else for the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Reply
from matrix_distributor.fleetwork import Session
from matrix_distributor.fleetwork.copy import scan
from matrix_distributor.fleetwork.copy.quick import quick_answer, quick_question
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet


@pytest.fixture
def held(session: Session, hosts: SshdFleet, here: Path) -> Path:
    """A file and a tree that h4 has as they are here."""
    (here / "f").write_bytes(b"content\n")
    (here / "t/in").mkdir(parents=True)
    (here / "t/in/page").write_bytes(b"page\n")
    for word in (f"{here}/f:/etc/quick/f", f"{here}/t/:/srv/host/quick/"):
        assert [str(outcome.trouble) for outcome in session.copy("h4", scan(word))] == [""]
    return here


def what(session: Session, word: str) -> list[str]:
    (outcome,) = session.copy("h4", scan(word))
    assert str(outcome.trouble) == ""
    return [f"{change.path} {change.what}" for change in outcome.changes]


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("true", []),
        ("chmod 600 f", ["/etc/quick/f mode"]),
        ("chown games f", ["/etc/quick/f mode"]),
        ("echo other >f", ["/etc/quick/f content"]),
        ("rm f", ["/etc/quick/f new"]),
        ("rm f; cp /srv/host/quick/in/page f", ["/etc/quick/f content"]),
        ("mv f g; ln -s g f", ["/etc/quick/f content"]),
        ("rm f; mkfifo f", ["/etc/quick/f content"]),
        ("cp f /root/f; cd /; rm -r /etc/quick", ["/etc/quick/f new"]),
    ],
)
def test_of_a_file(session: Session, hosts: SshdFleet, held: Path, line: str, changed: list[str]) -> None:
    assert hosts.run("h4", "sh", "-ec", f"cd /etc/quick; {line}").returncode == 0
    assert what(session, f"{held}/f:/etc/quick/f") == changed
    assert what(session, f"{held}/f:/etc/quick/f") == []


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("true", []),
        ("echo other >in/page", ["/srv/host/quick/in/page content"]),
        ("chmod 700 in", ["/srv/host/quick/in mode"]),
        ("rm in/page; mkfifo in/page", ["/srv/host/quick/in/page content"]),
        ("touch in/more", []),
    ],
)
def test_of_a_tree(session: Session, hosts: SshdFleet, held: Path, line: str, changed: list[str]) -> None:
    assert hosts.run("h4", "sh", "-ec", f"cd /srv/host/quick; {line}").returncode == 0
    assert what(session, f"{held}/t/:/srv/host/quick/") == changed


def test_an_account_that_runs_nothing_is_not_taken_for_the_same(hosts: SshdFleet, fleet: Fleet, held: Path) -> None:
    passwd = hosts.read("h4", "/etc/passwd")
    try:
        hosts.write("h4", "/etc/passwd", passwd.replace(b":/root:/bin/bash", b":/root:/bin/false"))
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=30) as anew:
            (outcome,) = anew.copy("h4", scan(f"{held}/f:/etc/quick/f"))
    finally:
        hosts.write("h4", "/etc/passwd", passwd)
    assert (outcome.result, outcome.stage) == ("failed", "survey")


def test_what_is_odd_is_asked_at_length(here: Path) -> None:
    for name in ("a b", "-x", "new\nline", "it's", "ü", "%s", "*"):
        (here / name).write_bytes(b"")
        assert quick_question(scan(f"{os.path.join(here, name)}:/etc/{name}"), sudo=False) is None
    (here / "sub").mkdir()
    (here / "sub/link").symlink_to("x")
    assert quick_question(scan(f"{here}/sub/:/x/"), sudo=False) is None


def test_only_what_the_host_tells_of_the_file_means_the_same(here: Path) -> None:
    (here / "f").write_bytes(b"content\n")
    cargo = scan(f"{here}/f:/etc/f", mode=0o644, owner="root:root")
    question = quick_question(cargo, sudo=False)
    assert question is not None
    same, other = b"=81a4root:root\n", b"ab" * 32 + b"  -\n"
    for told in (same, b"Welcome to h1\n" + same, b"Welcome: " + same + b"Goodbye\n"):
        assert quick_answer(cargo, Reply(0, told, b"", 0)) == ""
        assert quick_answer(cargo, Reply(9, told.replace(same, other), b"stty: no\n", 0)) == "ab" * 32
        assert quick_answer(cargo, Reply(0, told, b"sh: sha256sum: not found\n", 0)) is None
    for status in (0, 1, 9):
        for told in (b"", b"hello\n", b"=8180root:root\n", same[:-1], question.line.encode() + b"\n"):
            assert quick_answer(cargo, Reply(status, told, b"", 0)) is None


def test_of_a_tree_the_sum_of_all_that_is_there_means_the_same(here: Path) -> None:
    (here / "t").mkdir()
    (here / "t/f").write_bytes(b"content\n")
    cargo = scan(f"{here}/t/:/etc/t/")
    question = quick_question(cargo, sudo=False)
    assert question is not None
    for status in (0, 9):
        assert quick_answer(cargo, Reply(status, b"", b"", 0)) is None
        assert quick_answer(cargo, Reply(status, question.line.encode(), b"", 0)) is None, "it prints what it was sent"
