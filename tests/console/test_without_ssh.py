"""What is done on this machine without SSH is marked so: by every verb, for people and for programs, by the daemon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from matrix_site import call, embedded

from matrix_distributor.embedded import FleetProcess

MARK = "this machine, without SSH: adm1"
TEXT = "@matrix 1\n[ps]\n    w1  192.0.2.1\n[adm]\n    adm1  127.77.0.9\n"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    yield from embedded(["w1"], tmp_path_factory, remove=True)


@pytest.fixture
def site(fleet: FleetProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of which this machine is adm1, with a root of its own, and w1 another one."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "MATRIX").write_text(TEXT)
    (folder / "matrix.toml").write_text(
        f'self = "adm1"\n[ssh]\nconfig = "{fleet.ssh_config}"\nagent = false\n'
        f'[reflect]\npause = 0\nprobe = false\n[reflect.hosts]\nhosts = "*"\npath = "{tmp_path}/hosts"\n'
    )
    monkeypatch.setenv("DSAS_ROOT", str(tmp_path / "root"))
    (tmp_path / "root").mkdir()
    return folder


def run(site: Path, verb: str, *words: str, status: int = 0) -> Result:
    return call(site, verb, *words, status=status)


def marks(site: Path, verb: str, *words: str) -> dict[str, bool]:
    answer = json.loads(run(site, verb, "--json", *words).stdout)
    hosts: list[dict[str, Any]] = answer["hosts"] if "hosts" in answer else answer["steps"]
    return {host["host"]: host["here"] for host in hosts}


VERBS = [
    ("push", "-n"), ("push",), ("push", "--force"), ("status", "--live"), ("reflect", "hosts", "--apply", "-n"),
    ("reflect", "hosts", "--apply"), ("forall", "*", "true"),
    ("syncall", "*", "SITE/MATRIX:SITE/copy"), ("diffall", "--vote", "*", "SITE/copy"),
]  # fmt: skip
"""In turn; the state of the one before is that of the next."""


def test_every_verb_says_so(site: Path) -> None:
    for verb, *rest in VERBS:
        words = [verb, *(word.replace("SITE", str(site)) for word in rest)]
        assert MARK in run(site, *words).output, words
        assert marks(site, *words) == {"w1": False, "adm1": True}, words


def test_a_failure_there_is_marked_and_what_was_not_begun_is_not(site: Path) -> None:
    assert MARK in run(site, "forall", "adm1", "exit 7", status=3).output
    assert MARK in run(site, "forall", "--timeout", "0.2", "adm1", "sleep 60", status=3).output
    for words in (("forall", "--ssh-here", "adm1", "true"), ("forall", "--rolling", "1", "w1", "adm1", "--", "false")):
        assert MARK not in run(site, *words, status=3 if "--rolling" in words else 4).output, words


def test_it_is_reached_by_ssh_where_that_is_wanted_or_nothing_can_be_put_in_place(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRIX_PUSH_LOCAL", "false")
    assert MARK not in run(site, "push", "--retry", "0", status=3).output
    monkeypatch.delenv("MATRIX_PUSH_LOCAL")
    monkeypatch.delenv("DSAS_ROOT")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert MARK not in run(site, "push", "--retry", "0", status=3).output


def test_the_daemon_says_so(site: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "matrix_console", "watch", "--log", "json", "-f", str(site)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=environment) as daemon:
        try:
            assert daemon.stderr is not None
            said = next(json.loads(one) for one in daemon.stderr if '"pushed"' in one)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.communicate(timeout=60)
    assert (said["here"], MARK in said["message"]) == ("adm1", True)
