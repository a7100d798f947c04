"""FORALL and SYNCALL beside clush, asyncssh, OpenSSH, rsync, pyinfra and Ansible: the same real sshd hosts, one run.

    python benchmarks/fleetwork/run.py [--hosts 200] [--rounds 3] [--rows run,copy,same,wire] [--ansible]

Every contender is a process of its own, start-up included; CPU is that of the process and its children, the sshds' not.
The contenders take turns; the figures are medians. `plain` is OpenSSH as it is installed; elsewhere its key exchange is
forced to curve25519, as ours is. Ansible (a minute a round for 200 hosts) joins when asked. Needs root.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from peers import Peers
from site_of_hosts import REPOSITORY, Site, measured
from wire import bytes_on_the_wire

Contenders = dict[str, list[str]]


def compare(title: str, contenders: Contenders, prepare: Callable[[], None], site: Site, rounds: int) -> None:
    """Let them take turns, and print the medians and how they stand to the first."""
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, command in contenders.items():
            prepare()
            figures[name].append(measured(command, site.environment))
            print(f"  {title}, {name}: {figures[name][-1][0]:.2f} s", file=sys.stderr, flush=True)
    print(f"\n{title} on {len(site.names)} hosts, cold: wall s, times ours, CPU ms per host (medians of {rounds})")
    ours = statistics.median(wall for wall, _ in next(iter(figures.values())))
    for name, runs in figures.items():
        wall, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"  {name:<24} {wall:6.2f} {wall / ours:6.1f} {1000 * cpu / len(site.names):7.1f}", flush=True)


def nothing() -> None:
    """All is as before."""


def running(site: Site, peers: Peers, *, ansible: bool) -> Contenders:
    """The command true."""
    contenders = {
        "FORALL": site.matrix("forall", "bench", "true"),
        "asyncssh": peers.asyncssh(),
        "clush -f 64": peers.clush("true"),
        "clush -f 64, plain": peers.clush("true", plain=True),
        "ssh, xargs -P 64": peers.ssh_loop("ssh -F CONFIG H true"),
        "pyinfra exec": peers.pyinfra("exec", "--", "true"),
    }
    return contenders | ({"ansible raw": peers.ansible("-m", "raw", "-a", "true")} if ansible else {})


def copying(site: Site, peers: Peers, *, ansible: bool) -> Contenders:
    """A file of 200 KB whose content is new each time; hosts have it with the content before."""
    file = str(site.file)
    contenders = {
        "SYNCALL": site.matrix("syncall", "bench", f"{file}:/etc/bench"),
        "asyncssh cat": peers.asyncssh(file),
        "clush --copy -f 64": peers.clush_copy(),
        "clush --copy, plain": peers.clush_copy(plain=True),
        "rsync, xargs -P 64": peers.ssh_loop(f"rsync -cq -e 'ssh -F CONFIG' {file} H:/etc/bench"),
        "pyinfra files.put": peers.pyinfra("files.put", f"src={file}", "dest=/etc/bench"),
    }
    if ansible:
        contenders["ansible copy, 50 forks"] = peers.ansible("-m", "copy", "-a", f"src={file} dest=/etc/bench")
    return contenders


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--hosts", type=int, default=200)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--rows", default="run,copy,same,wire")
    arguments.add_argument("--ansible", action="store_true")
    asked = arguments.parse_args()
    rows = asked.rows.split(",")
    with SshdFleet(asked.hosts) as hosts, tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), hosts, hosts.names)
        peers = Peers(site)
        if "run" in rows:
            compare("true", running(site, peers, ansible=asked.ansible), nothing, site, asked.rounds)
        if "copy" in rows:
            measured(site.matrix("syncall", "bench", f"{site.file}:/etc/bench"), site.environment)
            compare("200 KB", copying(site, peers, ansible=asked.ansible), site.new_content, site, asked.rounds)
        if "same" in rows:
            copy = site.matrix("syncall", "bench", f"{site.file}:/etc/bench")
            measured(copy, site.environment)
            compare("nothing changed", {"SYNCALL": copy}, nothing, site, asked.rounds)
        if "wire" in rows:
            bytes_on_the_wire(site)


if __name__ == "__main__":
    sys.path[:0] = [str(REPOSITORY / "tests/fleet"), str(REPOSITORY / "benchmarks")]
    from needs import need

    need("ssh", "sshd", "unshare", "pivot_root", "rsync")
    from sshd_fleet import SshdFleet

    main()
