"""FORALL and SYNCALL beside clush, asyncssh, ssh and rsync: the same real sshd hosts, whole commands, one run.

    python benchmarks/fleetwork/run.py [--hosts 200] [--rounds 3]

Every contender is a process of its own, start-up included; CPU is that of the process and its children, the sshds' not.
The contenders take turns; the figures are medians. Bytes on the wire are counted by a proxy before one host, both
directions, less those of a bare command of the same tool. Needs root, ssh, rsync, ClusterShell and asyncssh.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ":".join(str(REPOSITORY / room) for room in ("grammar", "emitters", "distributor", "dmetad", "console"))
CLUSH = str(Path(sys.executable).with_name("clush"))

ASYNCSSH = """
import asyncio, asyncssh, sys
config, known, key, names, copy = sys.argv[1:]
async def one(slots, address):
    async with slots, asyncssh.connect(
        address, 2222, username="root", client_keys=[asyncssh.read_private_key(key)], known_hosts=known,
        agent_path=None, kex_algs=["curve25519-sha256"], config=None,
    ) as connection:
        if copy:
            line = "cat >/etc/bench.new && mv /etc/bench.new /etc/bench"
            await connection.run(line, input=open(copy, "rb").read(), encoding=None, check=True)
        else:
            await connection.run("true", check=True)
async def main():
    slots = asyncio.Semaphore(32)
    await asyncio.gather(*(one(slots, address) for address in names.split(",")))
asyncio.run(main())
"""


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of one command, which must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[:3]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Site:
    """A MATRIX of the hosts in a folder, and how each tool is called on them."""

    def __init__(self, folder: Path, hosts: SshdFleet, names: list[str]) -> None:
        self.folder, self.hosts, self.names = folder, hosts, names
        lines = [f"{name} {hosts.address(name)} [bench]\n" for name in names]
        (folder / "MATRIX").write_text("".join(lines))
        (folder / "matrix.toml").write_text(f'[ssh]\nconfig = "{hosts.ssh_config}"\n')
        (folder / "file").write_bytes(os.urandom(100_000) + bytes(range(256)) * 391)
        self.environment = {**os.environ, "PYTHONPATH": ROOMS, "HOME": str(folder)}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def matrix(self, verb: str, *words: str) -> list[str]:
        return [sys.executable, "-m", "matrix_console", verb, "-f", str(self.folder), *words]

    def clush(self, *words: str) -> list[str]:
        listed = ",".join(self.names)
        return [CLUSH, "-S", "-f", "64", "-o", f"-F {self.hosts.ssh_config}", "-w", listed, *words]

    def asyncssh(self, copy: str) -> list[str]:
        listed = ",".join(self.hosts.address(name) for name in self.names)
        known = str(self.hosts.known_hosts)
        return [sys.executable, "-c", ASYNCSSH, "-", known, str(self.hosts.identity), listed, copy]

    def loop(self, command: str) -> list[str]:
        listed = " ".join(self.names)
        return ["sh", "-c", f"printf '%s\\n' {listed} | xargs -P 64 -I H {command}"]


class Counter:
    """A proxy before one host that counts what passes."""

    def __init__(self, address: str) -> None:
        self.passed = 0
        self._address = address
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near = self._listener.accept()[0]
            far = socket.create_connection((self._address, 2222))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        while chunk := one.recv(65536):
            self.passed += len(chunk)
            other.sendall(chunk)
        other.shutdown(socket.SHUT_WR)


def compare(title: str, contenders: dict[str, tuple[list[str], Callable[[], None]]], site: Site, rounds: int) -> None:
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (command, prepare) in contenders.items():
            prepare()
            figures[name].append(measured(command, site.environment))
    print(f"\n{title} on {len(site.names)} hosts, cold: wall s, CPU ms per host (medians of {rounds})")
    for name, runs in figures.items():
        wall, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"  {name:<24} {wall:6.2f}  {1000 * cpu / len(site.names):6.1f}", flush=True)


def bytes_on_the_wire(site: Site) -> None:
    """What a copy costs where nothing is to be copied: one file, and a tree of 1,000."""
    counter = Counter(site.hosts.address(site.names[0]))
    config = site.folder / "counted_config"
    config.write_text(
        f"Host counted\n  HostName 127.0.0.1\n  Port {counter.port}\n  User root\n"
        f"  IdentityFile {site.hosts.identity}\n"
        f"  UserKnownHostsFile {site.folder}/counted_known\n  IdentitiesOnly yes\n  LogLevel ERROR\n"
    )
    key = site.hosts.host_key(site.names[0])
    (site.folder / "counted_known").write_text(f"[127.0.0.1]:{counter.port} {key}\n")
    counted = site.folder / "counted"
    counted.mkdir()
    (counted / "MATRIX").write_text("counted 127.0.0.1 [bench]\n")
    (counted / "matrix.toml").write_text(f'[ssh]\nconfig = "{config}"\n')
    tree = site.folder / "tree"
    for number in range(1000):
        path = tree / f"folder{number // 50}" / f"page-{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"page {number}\n")

    def cost(*command: str) -> int:
        before = counter.passed
        measured(list(command), site.environment)
        time.sleep(0.2)
        return counter.passed - before

    ours = [sys.executable, "-m", "matrix_console"]
    place = ["-f", str(counted), "--ssh-here"]
    ssh = f"ssh -F {config}"
    bare = cost(*ours, "forall", *place, "counted", "true"), cost("ssh", "-F", str(config), "counted", "true")
    print("\nnothing changed: bytes on the wire, both directions, less those of a bare command")
    for title, source, there in (
        ("one file of 200 KB", str(site.folder / "file"), "/etc/one"),
        ("a tree of 1,000 files", f"{tree}/", "/srv/host/tree/"),
    ):
        for _ in range(2):
            mine = cost(*ours, "syncall", *place, "counted", f"{source}:{there}") - bare[0]
            theirs = cost("rsync", "-ac", "-e", ssh, source, f"counted:{there}") - bare[1]
        print(f"  {title:<24} SYNCALL {mine:>7,}   rsync -ac {theirs:>7,}   ratio {mine / theirs:.2f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--hosts", type=int, default=200)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    with SshdFleet(asked.hosts) as hosts, tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), hosts, hosts.names)
        config, file = hosts.ssh_config, Path(folder) / "file"

        def nothing() -> None:
            """All are as before."""

        def other_content() -> None:
            file.write_bytes(os.urandom(100_000) + bytes(range(256)) * 391)

        compare(
            "true",
            {
                "FORALL": (site.matrix("forall", "bench", "true"), nothing),
                "asyncssh": (site.asyncssh(""), nothing),
                "clush -f 64": (site.clush("true"), nothing),
                "ssh, xargs -P 64": (site.loop(f"ssh -F {config} H true"), nothing),
            },
            site,
            asked.rounds,
        )
        compare(
            "200 KB",
            {
                "SYNCALL": (site.matrix("syncall", "bench", f"{file}:/etc/bench"), other_content),
                "asyncssh cat": (site.asyncssh(str(file)), other_content),
                "clush --copy -f 64": (site.clush("--copy", str(file), "--dest", "/etc/bench"), other_content),
                "rsync, xargs -P 64": (
                    site.loop(f"rsync -cq -e 'ssh -F {config}' {file} H:/etc/bench"),
                    other_content,
                ),
            },
            site,
            asked.rounds,
        )
        copy = site.matrix("syncall", "bench", f"{file}:/etc/bench")
        measured(copy, site.environment)
        compare("nothing changed", {"SYNCALL": (copy, nothing)}, site, asked.rounds)
        bytes_on_the_wire(site)


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY / "tests/fleet"))
    from sshd_fleet import SshdFleet

    main()
