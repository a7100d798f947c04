"""`matrix status` where a daemon runs, as the kernel and the state say: what is on its way, and what is an alarm.

There is no daemon here: this process holds the folder of the state, and says what one would say.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from matrix_site import call

from matrix_common.trouble import Trouble
from matrix_console.distribution import origin_of
from matrix_console.frame import Workspace
from matrix_console.in_force import _is_enabled
from matrix_distributor.hosts import Outcome
from matrix_distributor.in_force import settings_sum
from matrix_distributor.reflect import ReflectOutcome
from matrix_distributor.state import OriginState, Sign, hold

HOSTS = ("w1", "w2", "w3", "w4", "w5", "w6")
TEXT = "@matrix 1\n[ps]\n" + "".join(f"    {name} 192.0.2.{place} weight=10\n" for place, name in enumerate(HOSTS, 1))
REFLECT = '[reflect]\npause = 0\n[reflect.motd]\ntemplate = "motd.j2"\nhosts = "w1"\npath = "/etc/motd"\n'
POLL = 60.0
"""Seconds: the daemon takes an edit up within 72, and is taken for one that hangs after 190."""


class Site:
    """A site whose hosts hold the first generation, though none is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "MATRIX").write_text(TEXT)
        (folder / "templates").mkdir()
        (folder / "templates/motd.j2").write_text("# {{ header }}\n{{ host.name }}\n")
        self.settings()
        self.take()
        self.heard(1, *HOSTS)

    def settings(self, more: str = "") -> None:
        (self.folder / "matrix.toml").write_text('[push]\nauthor = "a@b"\n' + more)

    @property
    def state(self) -> OriginState:
        return OriginState(self.folder / ".matrix")

    def edit(self, weight: int = 20) -> None:
        (self.folder / "MATRIX").write_text(TEXT.replace("weight=10", f"weight={weight}"))

    def take(self) -> None:
        """The text becomes a generation, as in a push that reaches nobody yet."""
        workspace = Workspace(str(self.folder))
        with self.state as state:
            origin_of(workspace).take(workspace.read(), state)

    def heard(self, number: int, *hosts: str, wanted: int = 0, ago: float = 0.0, **more: Any) -> None:
        """These hosts hold that generation, as they said so many seconds before now."""
        with self.state as state:
            digest = state.generation(number).digest
            now = datetime.now(UTC) - timedelta(seconds=ago)
            said = [Outcome(host, "current", number, digest, **more) for host in hosts]
            state.note(said, wanted or number, now)

    @contextmanager
    def daemon(self, **more: Any) -> Iterator[None]:
        now = datetime.now(UTC).isoformat()
        sign = {
            "machine": socket.gethostname(), "process": os.getpid(), "unit": "", "user": False, "version": "1",
            "installed": "", "program": 0, "started": now, "told": now, "looked": now, "poll": POLL, "rests": 2.0,
            "settings": settings_sum(self.folder / "matrix.toml"), **more,
        }  # fmt: skip
        with self.state as state:
            state.life.tell(Sign(**sign))
        held = hold(self.folder / ".matrix")
        assert held is not None
        try:
            yield
        finally:
            os.close(held)

    def run(self, status: int, *words: str) -> Result:
        return call(self.folder, "status", *words, status=status)

    def pending(self, status: int) -> list[tuple[str, bool]]:
        """The kinds of what is not in force, and whether it is on its way."""
        answer = json.loads(self.run(status, "--json").stdout)
        return [(each["kind"], each["on_its_way"]) for each in answer["pending"]]

    def hosts(self, status: int) -> dict[str, tuple[str, str]]:
        answer = json.loads(self.run(status, "--json").stdout)
        return {each["host"]: (each["result"], each["stage"]) for each in answer["hosts"]}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 s later: longer than an edit may take to be taken up, and no longer than a daemon may say nothing."""
    monkeypatch.setattr("matrix_console.in_force.time", SimpleNamespace(time=lambda: time.time() + 100))


def test_an_edit_is_on_its_way_where_somebody_takes_it(site: Site) -> None:
    assert site.pending(0) == []
    site.edit()
    assert site.pending(3) == [("newer", False)]
    with site.daemon():
        assert site.pending(0) == [("newer", True)]


@pytest.mark.usefixtures("later")
def test_an_edit_that_was_not_taken_in_time_is_an_alarm(site: Site) -> None:
    site.edit()
    with site.daemon():
        assert site.pending(3) == [("newer", False)]


def test_what_keeps_the_daemon_keeps_the_edit_and_is_said_once(site: Site) -> None:
    site.edit()
    with site.daemon(waits="w1 is open for writing", looked="2100-01-01T00:00:00+00:00"):
        assert site.pending(3) == [("newer", False), ("not-pushed", False)]
        (site.folder / "MATRIX").write_text(TEXT.partition("    w3")[0])
        assert site.pending(3) == [("removals", False)], "the daemon says the same of it"


def test_a_generation_is_on_its_way_to_hosts_as_long_as_nothing_keeps_it(site: Site) -> None:
    site.edit()
    site.take()
    assert site.pending(3) == [("unpushed", False)]
    with site.daemon():
        assert site.pending(0) == [("unpushed", True)]
        (site.folder / "MATRIX").write_text("@matrix 1\n[ps\n")
        assert site.pending(3) == [("errors", False), ("unpushed", False)]
        told = site.run(3).stdout
        assert told.startswith("not in force: the MATRIX has errors")


def test_what_needs_a_person_stands_first(site: Site) -> None:
    site.edit()
    with site.daemon(troubles=("no events",)):
        lines = site.run(3).stdout.splitlines()
        assert site.pending(3) == [("newer", True), ("daemon", False)]
    assert lines[:2] == ["not in force: matrixd: no events", "    → see its log"]
    assert lines[2] == "on its way: MATRIX is other than in generation 1, the newest"


def test_hosts_that_were_not_tried_yet_are_on_its_way_and_others_are_behind(site: Site) -> None:
    site.heard(1, *HOSTS, ago=60)
    site.edit()
    site.take()
    site.heard(2, "w1")
    behind, coming = ("behind", ""), ("behind", "on its way")
    assert site.hosts(3) == {"w1": ("current", ""), **dict.fromkeys(HOSTS[1:], behind)}
    with site.daemon():
        assert site.hosts(0) == {"w1": ("current", ""), **dict.fromkeys(HOSTS[1:], coming)}
        site.heard(1, "w2", wanted=2, ago=-9)
        assert site.hosts(3)["w2"] == behind, "it was asked after the generation was made, and holds the one before"
    assert "last heard of" in site.run(3).stdout


@pytest.mark.usefixtures("later")
def test_hosts_that_were_not_tried_in_time_are_behind(site: Site) -> None:
    site.heard(1, *HOSTS, ago=60)
    site.edit()
    site.take()
    site.heard(2, "w1")
    with site.daemon():
        assert site.hosts(3)["w2"] == ("behind", "")


def test_a_reflected_file_that_the_daemon_carries_is_on_its_way_for_as_long_as_its_hosts_take(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.settings(REFLECT)
    (site.folder / "templates/motd.j2").write_text("# {{ header }}\nhere is {{ host.name }}\n")
    site.take()
    site.heard(2, *HOSTS)
    with site.state as state:
        record = ReflectOutcome(host="w1", result="ok", entry="motd", path="/etc/motd")
        state.reflections.note([record], 1, datetime.now(UTC))
    with site.daemon():
        assert site.pending(3) == [("reflection", False)], "it goes along with no push, and so with no daemon"
    site.settings(REFLECT + "push = true\n")
    site.take()
    site.heard(3, *HOSTS)
    assert site.pending(3) == [("daemon", False), ("reflection", False)], "nobody is there who carries it"
    with site.daemon():
        assert site.pending(0) == [("reflection", True)]
        monkeypatch.setattr("matrix_console.in_force.time", SimpleNamespace(time=lambda: time.time() + 100))
        assert site.pending(0) == [("reflection", True)], "one host after another may take 5 s"


def test_a_file_that_failed_and_one_of_a_host_that_is_behind_are_told_with_the_host_alone(site: Site) -> None:
    site.settings(REFLECT + "push = true\n")
    (site.folder / "templates/motd.j2").write_text("# {{ header }}\nanother {{ host.name }}\n")
    site.take()
    site.heard(2, *HOSTS)
    assert site.pending(3) == [("reflection", False)]
    with site.state as state:
        failed = ReflectOutcome(
            host="w1", result="failed", trouble=Trouble("check", "no"), entry="motd", path="/etc/motd"
        )
        state.reflections.note([failed], 1, datetime.now(UTC))
    assert site.pending(3) == []
    assert "motd" in site.run(3).stdout
    with site.state as state:
        state.reflections.note(
            [ReflectOutcome(host="w1", result="ok", entry="motd", path="/etc/motd")], 1, datetime.now(UTC)
        )
    (site.folder / "templates/motd.j2").write_text("# {{ header }}\nhere is {{ host.name }}\n")
    site.take()
    site.heard(3, *HOSTS[1:])
    assert site.pending(3) == []
    site.heard(3, "w1")
    assert site.pending(3) == [("reflection", False)]


@pytest.mark.needs("root")
def test_of_somebody_elses_files_a_daemon_that_may_push_them_is_the_judge(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks may not push them, which counts where nobody else does; their templates are not even rendered."""
    site.settings(REFLECT + "push = true\n")
    site.take()
    site.heard(2, *HOSTS)
    monkeypatch.setenv("MATRIX_PUSH_HOST_LIMIT", "5")
    with site.daemon():
        for path in (site.folder, *site.folder.glob("*")):
            os.chown(path, 65534, 65534)
        assert site.pending(0) == []
    assert site.pending(3) == [("not-pushed", False), ("daemon", False)]
    assert "it belongs to nobody" in site.run(3).output.splitlines()[0]


def test_an_account_that_brings_generations_alone_carries_no_files(site: Site) -> None:
    site.settings('account = "dsas"\n' + REFLECT + "push = true\n")
    site.take()
    site.heard(2, *HOSTS)
    found = json.loads(site.run(3, "--json").stdout)["pending"]
    assert ("not-pushed", True) in [(each["kind"], "push.account" in each["cause"]) for each in found]


def test_a_text_that_no_push_takes_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIX_PUSH_HOST_LIMIT", "5")
    assert site.pending(3) == [("not-pushed", False)], "though it is in force"
    monkeypatch.delenv("MATRIX_PUSH_HOST_LIMIT")
    (site.folder / "MATRIX").write_text("@matrix 1\n")
    assert site.run(3).output.startswith("not in force: this MATRIX has no hosts")


def test_of_many_texts_three_are_named(site: Site) -> None:
    for number in range(4):
        (site.folder / f"templates/{number}.j2").write_text("more\n")
    site.edit()
    assert site.run(3).output.startswith(
        "not in force: MATRIX, templates/0.j2, templates/1.j2 and 2 more are other than"
    )


def test_a_damaged_state_is_no_trouble_of_the_text(site: Site) -> None:
    with site.state as state:
        state._db.execute("DROP TABLE proof")
        state._db.execute("CREATE TABLE proof (something INTEGER)")
    assert "cannot be used: no such column" in site.run(1).output


def test_what_a_host_says_of_its_enrolment_is_kept_until_it_says_something_else(site: Site) -> None:
    site.settings('account = "dsas"\n')
    site.take()
    for mark, expected in (("0123456789ab", ["w1"]), (None, ["w1"])):
        site.heard(2, *HOSTS[1:])
        site.heard(2, "w1", enrolled=mark)
        assert json.loads(site.run(0, "--json").stdout)["enrolled_elsewhere"] == expected


@pytest.mark.parametrize(("status", "enabled"), [(0, True), (1, False), (None, True)])
def test_systemd_is_asked_whether_a_unit_is_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int | None, enabled: bool
) -> None:
    """Where it cannot be asked somebody meant the unit to run."""
    if status is not None:
        (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\nexit {status}\n')
        (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    now = datetime.now(UTC).isoformat()
    sign = Sign("here", 7, "matrixd.service", True, "1", "", 0, now, now, now, 1.0, 1.0, "")
    assert _is_enabled(sign) is enabled
    if status is not None:
        asked = (tmp_path / "asked").read_text()
        assert asked == "--user is-enabled --quiet -- matrixd.service\n"
