"""What an edit costs through the account of `matrix enroll`, beside the open way: real hosts, one run, medians.

    python benchmarks/push/enrolled.py [--hosts 40] [--rounds 5] [--name-server dead|none]

Every host has sudo, does not find its own name in /etc/hosts, and asks a name server that answers nobody (`dead`) or
that is not there (`none`). The rows: as root; the first push after `matrix enroll`; further ones; and one with a
sudoers file that lets sudo ask. Needs root.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from parts import AT_REST, Site

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "fleet"))

from sshd_fleet import SshdFleet

OWN_KEYS = f"SetEnv {AT_REST}\nMatch User dsas\nAuthorizedKeysFile .ssh/authorized_keys\nMatch all\n"
DEAD = "127.99.0.53"
SUDOERS = "/etc/sudoers.d/dsas"


def prepare(fleet: SshdFleet, name_server: str) -> None:
    """Hosts as they are where nobody answers for their own names."""
    for name in fleet.names:
        fleet.write(name, "/etc/hosts", b"127.0.0.1 localhost\n")
        fleet.path(name, "/etc/resolv.conf").unlink(missing_ok=True)
        address = DEAD if name_server == "dead" else "127.99.0.1"
        fleet.write(name, "/etc/resolv.conf", f"nameserver {address}\n".encode())


def ask_names(fleet: SshdFleet) -> None:
    """The sudoers file without the line that keeps sudo from asking."""
    for name in fleet.names:
        lines = fleet.read(name, SUDOERS).splitlines(keepends=True)
        fleet.write(name, SUDOERS, b"".join(line for line in lines if b"!fqdn" not in line))


class Pushes:
    """Edits, each pushed as root or by the account."""

    def __init__(self, site: Site, key: Path) -> None:
        self._site, self._count = site, 0
        self._plain = dict(site.environment)
        self._account = {**self._plain, "MATRIX_PUSH_ACCOUNT": "dsas", "MATRIX_PUSH_IDENTITY": str(key)}

    def one(self, *, account: bool) -> float:
        """Wall seconds of the next edit."""
        self._count += 1
        self._site.edit(self._count)
        self._site.environment = self._account if account else self._plain
        try:
            return self._site.run("push", "--retry", "0")["wall"]
        finally:
            self._site.environment = self._plain


def told(label: str, walls: list[float], beside: float) -> float:
    middle = statistics.median(walls)
    ratio = f"{middle / beside:6.2f}x" if beside else ""
    print(f"{label:44} {middle:7.2f} s {ratio}  ({', '.join(f'{wall:.2f}' for wall in walls)})")
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description="An edit through the enrolled account beside the open way.")
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--name-server", choices=("dead", "none"), default="dead")
    options = parser.parse_args()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead,
        SshdFleet(options.hosts, sshd_config=OWN_KEYS) as fleet,
        tempfile.TemporaryDirectory(prefix="enrolled-") as folder,
    ):
        dead.bind((DEAD, 53))
        prepare(fleet, options.name_server)
        site = Site(Path(folder) / "site", fleet, fleet.names)
        key = Path(folder) / "daemon"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        site.run("push")
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"{options.hosts} hosts, median of {options.rounds}; {os.cpu_count()} cores, load {load}")
        pushes = Pushes(site, key)
        print(f"{'matrix enroll':44} {site.run('enroll', '*', '--key', f'{key}.pub')['wall']:7.2f} s")
        first = pushes.one(account=True)
        walls = [(pushes.one(account=False), pushes.one(account=True)) for _ in range(options.rounds)]
        beside = told("matrix push as root", [root for root, _ in walls], 0.0)
        told("matrix push by the account, the first", [first], beside)
        told("matrix push by the account", [account for _, account in walls], beside)
        ask_names(fleet)
        told("the same where sudo asks for the host's name", [pushes.one(account=True)], beside)


if __name__ == "__main__":
    main()
