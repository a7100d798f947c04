"""A checker on every host that has power, and what they saw."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sshd_fleet import SshdFleet

CHECKER = Path(__file__).with_name("checker.sh")


class Witnesses:
    """Runs checker.sh inside the hosts; a power cut ends it, `attend` starts it anew."""

    def __init__(self, fleet: SshdFleet) -> None:
        self._fleet = fleet
        self._running: dict[str, tuple[int, subprocess.Popen[bytes]]] = {}

    def attend(self) -> None:
        """See to it that a checker runs on every host that has power."""
        for name in self._fleet.names:
            pid = self._fleet.pid(name)
            up = pid and self._fleet.mode(name).partition(":")[0] not in ("hang", "blackhole", "refuse")
            if name in self._running and (not up or self._running[name][0] != pid):
                self._end(name)
            if up and name not in self._running:
                # As text: the folder of the tests may lie where the host has a private one of its own, as below /tmp.
                inside = ["nsenter", "-t", str(pid), "-m", "-u", "-p", "--wd=/root", "sh", "-c", CHECKER.read_text()]
                self._running[name] = pid, subprocess.Popen(inside, stderr=subprocess.DEVNULL)

    def close(self) -> None:
        """End all checkers."""
        for name in list(self._running):
            self._end(name)

    def _end(self, name: str) -> None:
        _, process = self._running.pop(name)
        process.kill()
        process.wait()

    def looks(self) -> int:
        """How often a binding was sourced."""
        return sum(self._file(name, "looks").count("\n") for name in self._fleet.names)

    def bad(self) -> list[str]:
        """What went wrong in sourcing, anywhere."""
        return [f"{name}: {line}" for name in self._fleet.names for line in self._file(name, "bad").splitlines()]

    def seen(self) -> set[tuple[str, str]]:
        """Every path and digest of a file that any host ever had in place."""
        lines = (line.split() for name in self._fleet.names for line in self._file(name, "seen").splitlines() if line)
        return {(path, digest) for digest, path in lines}

    def _file(self, host: str, name: str) -> str:
        return self._fleet.read(host, f"/root/{name}").decode() if self._fleet.exists(host, f"/root/{name}") else ""
