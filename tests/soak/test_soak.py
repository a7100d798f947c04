"""A small share of `make soak`, and all its faults on a hundred hosts."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.needs("root", "sshd", "nsenter")
def test_random_edits_while_hosts_and_the_daemon_die():
    program = Path(__file__).with_name("run.py")
    done = subprocess.run(
        [sys.executable, str(program), "--edits", "40", "--hosts", "6", "--seed", "20260301"],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bindings sourced" in done.stdout


@pytest.mark.needs("root", "sshd", "nsenter")
def test_every_fault_at_once_on_a_hundred_hosts():
    program = Path(__file__).with_name("faults.py")
    done = subprocess.run(
        [sys.executable, str(program), "--hosts", "100"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 hosts, 33 of them with 11 faults" in done.stdout
