"""The tests' own safety: no packet leaves this machine, and a missing part is a failure."""

import socket

import matrix_parts
import pytest


def test_a_connection_beyond_this_machine_fails_before_a_packet_is_sent() -> None:
    with socket.socket() as outward, pytest.raises(AssertionError, match="loopback only"):
        outward.connect(("203.0.113.1", 9))


def test_a_missing_part_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATRIX_TEST_PARTS", raising=False)
    with pytest.raises(pytest.fail.Exception, match="needs no-such-shell"):
        matrix_parts.require("no-such-shell")


def test_a_missing_part_is_skipped_and_counted_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIX_TEST_PARTS", "available")
    monkeypatch.setattr(matrix_parts, "untested", matrix_parts.Counter())
    with pytest.raises(pytest.skip.Exception):
        matrix_parts.require("no-such-shell")
    assert matrix_parts.untested == {"no-such-shell": 1}
