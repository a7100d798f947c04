"""A fleet of real sshd hosts on this machine, for tests: root on Linux with openssh-server, nothing else.

Each host is an sshd in its own mount, host-name and process namespaces, on its own loopback address, with its own host
key and its own /etc, /root, /tmp, /var/tmp, /run, /srv/host and /var/lib/dsas. Several fleets may run at once. However
the test ends, even by SIGKILL, no process, mount or address stays behind.

    with SshdFleet(20) as fleet:
        fleet.fault("hang", "h3", "h4")
        ...
        assert fleet.read("h1", "/etc/dsas.conf") == b"..."

Faults, switched while the fleet runs (each switch is a power cut and a start):

    ok         healthy
    refuse     nothing listens
    hang       accepts connections and says nothing
    blackhole  connect() never returns
    ro         /etc, /srv/host and /var/lib/dsas are read-only
    full       /etc, /srv/host and /var/lib/dsas have 64 KiB each, lost when healed
    wrongkey   the host shows another key than known_hosts says
    nokey      known_hosts does not know the host
    denied     the client's key is not authorised
    hangcmd    login works, every command hangs
    cut:K      the connection breaks after K KiB from the client
    slow:MS    every byte is MS milliseconds late in each direction
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from matrix_common.lifetime import Closing, end_child

PORT = 2222

FAULTS = ("ok", "refuse", "hang", "blackhole", "ro", "full", "wrongkey", "nokey", "denied", "hangcmd", "cut", "slow")

_PRIVATE = {"/etc": "etc/up", "/root": "root", "/tmp": "tmp", "/var/tmp": "vartmp", "/run": "run"}
_PRIVATE |= {"/srv/host": "srv", "/var/lib/dsas": "lib"}

# The default key exchange of OpenSSH's client costs it 70 ms of CPU, this one 2.
_SSH_CONFIG = """\
Host *
  KexAlgorithms curve25519-sha256
  Port {port}
  User root
  IdentityFile {root}/id_ed25519
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {root}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  BatchMode yes
  LogLevel ERROR
"""


class SshdFleet(Closing):
    """Hosts h1, h2, … (or named), all up when this returns. `sshd_config` holds further settings of every sshd.

    Raises PermissionError when not root, RuntimeError when a host does not start.
    """

    def __init__(self, hosts: int | Iterable[str], *, sshd_config: str = "") -> None:
        if os.geteuid() != 0:
            raise PermissionError("a fleet of sshd hosts needs root: each host has mounts of its own")
        names = [f"h{number}" for number in range(1, hosts + 1)] if isinstance(hosts, int) else list(hosts)
        self.root = Path(tempfile.mkdtemp(prefix="sshd-fleet-"))
        program = Path(__file__).with_name("sshd_fleet_process.py")
        self._process = subprocess.Popen(
            [sys.executable, str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self._state: dict[str, dict[str, object]] = {}
        try:
            self._ask({"root": str(self.root), "names": names, "sshd_config": sshd_config})
            self._write_ssh_config()
        except BaseException:
            self.close()
            raise

    @property
    def names(self) -> list[str]:
        return list(self._state)

    @property
    def ssh_config(self) -> Path:
        return self.root / "ssh_config"

    @property
    def known_hosts(self) -> Path:
        return self.root / "known_hosts"

    @property
    def identity(self) -> Path:
        """The private key that may log in as root on every host."""
        return self.root / "id_ed25519"

    def address(self, name: str) -> str:
        return str(self._state[name]["address"])

    def host_key(self, name: str) -> str:
        """The host's public key, as `TYPE BASE64`."""
        return str(self._state[name]["host_key"])

    def mode(self, name: str) -> str:
        return str(self._state[name]["mode"])

    def pid(self, name: str) -> int:
        """The host's process 1, as seen from outside; 0 when it is off."""
        return int(str(self._state[name]["pid"]))

    def fault(self, mode: str, *names: str) -> None:
        """Cut the power of these hosts and start them with a fault; `ok` heals."""
        if mode.partition(":")[0] not in FAULTS:
            raise ValueError(f"no such fault: {mode}")
        self._ask({"mode": mode, "hosts": list(names)})

    def heal(self, *names: str) -> None:
        """All healthy again (without names: all that are not)."""
        self.fault("ok", *(names or [name for name in self.names if self.mode(name) != "ok"]))

    def path(self, name: str, path: str) -> Path:
        """A file of a host, from outside; also of a host that is off, if it lies in one of the private folders.

        Symbolic links in it are followed on this machine's root, not on the host's.
        """
        alive = self.pid(name) and self.mode(name).partition(":")[0] not in ("hang", "blackhole")
        if alive:
            return Path(f"/proc/{self.pid(name)}/root{path}")
        for place, own in _PRIVATE.items():
            if path == place or path.startswith(place + "/"):
                return Path(f"/proc/{self._process.pid}/root{self.root}/hosts/{name}/{own}{path[len(place) :]}")
        raise ValueError(f"{name} is off, and {path} is none of its own folders")

    def read(self, name: str, path: str) -> bytes:
        return self.path(name, path).read_bytes()

    def write(self, name: str, path: str, content: bytes) -> None:
        self.path(name, path).write_bytes(content)

    def exists(self, name: str, path: str) -> bool:
        return os.path.lexists(self.path(name, path))

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[bytes]:
        """Run something inside a host without SSH."""
        inside = ["nsenter", "-t", str(self.pid(name)), "-m", "-u", "-p", "--wd=/root", *command]
        return subprocess.run(inside, capture_output=True, check=False, timeout=60)

    def log(self, name: str) -> str:
        """What the host's sshd wrote."""
        return Path(f"/proc/{self._process.pid}/root{self.root}/hosts/{name}/sshd.log").read_text()

    def close(self) -> None:
        """End every host. Harmless when done twice."""
        end_child(self._process, 30)
        shutil.rmtree(self.root, ignore_errors=True)  # it removed it itself, unless it was killed

    def _ask(self, request: dict[str, object]) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the fleet ended with status {self._process.wait()}: see its message above")
        self._state = json.loads(answer)["hosts"]

    def _write_ssh_config(self) -> None:
        blocks = [f"Host {name}\n  HostName {self.address(name)}\n" for name in self.names]
        common = _SSH_CONFIG.format(port=PORT, root=self.root)
        self.ssh_config.write_text("".join(blocks) + common)
