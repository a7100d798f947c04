"""The embedded fleet as a child process, which ends when this process does, however that happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from matrix_common.lifetime import Closing, end_child


class FleetProcess(Closing):
    """Starts the fleet and speaks to it. A context manager; its end, and the end of this process, end the fleet.

    With `remove` the fleet removes `root` at its end, also when this process was killed. Raises OSError when it
    does not start.
    """

    def __init__(self, names: Iterable[str], root: Path, *, remove: bool = False) -> None:
        self.root = root.absolute()
        options = ["--remove"] if remove else []
        self._process = subprocess.Popen(  # noqa: S603 - its own interpreter and module
            [sys.executable, "-m", "matrix_distributor.embedded.server", *options, "--", str(self.root), *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            process_group=0,
        )
        try:
            hosts = self._heard()["hosts"]
        except BaseException:
            self.close()
            raise
        assert isinstance(hosts, dict)
        self.roots = {name: Path(place["root"]) for name, place in hosts.items()}
        self.ports: dict[str, int] = {name: place["port"] for name, place in hosts.items()}

    @property
    def pid(self) -> int:
        """The process of the fleet."""
        return self._process.pid

    @property
    def ssh_config(self) -> Path:
        """What `ssh -F`, and SSHOptions.config, need to reach the hosts by name."""
        return self.root / "ssh_config"

    def down(self, name: str) -> None:
        """Cut one host's power; it is down when this returns."""
        self._ask("down", name)

    def up(self, name: str) -> None:
        """Bring it back; it answers when this returns."""
        self._ask("up", name)

    def close(self) -> None:
        """End the fleet, and wait for its end. Harmless when done twice."""
        end_child(self._process, 10)

    def _ask(self, what: str, name: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, "host": name}) + "\n")
        self._process.stdin.flush()
        self._heard()

    def _heard(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError(f"the embedded fleet ended by itself, with status {self._process.wait()}")
        answer: dict[str, object] = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer
