"""`~` in a path, also for who has no home: it never leads below the working folder."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from matrix_common.paths import at_home


def test_a_home_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert [at_home("~"), at_home("~/x"), at_home("/~/x"), at_home("x/~")] == [
        Path("/home/ann"), Path("/home/ann/x"), Path("/~/x"), Path("x/~"),
    ]  # fmt: skip


def test_who_has_none_is_led_where_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    found = [at_home(path) for path in ("~", "~/.ssh/config", "~nosuchuser/x", "~nosuchuser")]
    assert found == [
        Path("/nonexistent"), Path("/nonexistent/.ssh/config"), Path("/nonexistent/~nosuchuser/x"),
        Path("/nonexistent/~nosuchuser"),
    ]  # fmt: skip
