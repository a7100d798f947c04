"""What speaking to many hosts costs: this transport beside asyncssh and ssh, real sshd hosts, one run.

    python benchmarks/transport/run.py [--hosts 100] [--rounds 3]

Each contender copies 200 KB to every host and has its sha256 checked there, in a process of its own. CPU is the
pusher's alone (user and system), with neither start-up nor imports for those in Python; for `ssh`, which is a process
per host, that is part of the cost. On a small machine most of the wall time is the sshds'. Needs root and asyncssh.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CONTENT = bytes(range(256)) * 800
LINE = "umask 077; cat >/root/.copy.new && sha256sum </root/.copy.new && mv /root/.copy.new /root/copy"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
FANOUT = 32

Measured = dict[str, float]


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def resident() -> int:
    """Memory of this process in KiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def timed(action: Callable[[], None], who: int = resource.RUSAGE_SELF) -> Measured:
    wall, used = time.monotonic(), cpu(who)
    action()
    return {"wall": time.monotonic() - wall, "cpu": cpu(who) - used}


def run_transport(root: Path, hosts: list[str]) -> dict[str, Measured]:
    from matrix_distributor.dialogue import Command, Dialogue, Target
    from matrix_distributor.transport import Pool, SSHOptions

    def copying() -> Dialogue[bool]:
        return (yield Command(LINE, CONTENT)).stdout.decode().startswith(DIGEST)

    def nothing() -> Dialogue[bool]:
        return (yield Command("true")).status == 0

    def converse(pool: Pool, dialogue: Callable[[], Dialogue[bool]]) -> None:
        outcomes = [outcome for _, outcome in pool.converse((Target(name, "-"), dialogue()) for name in hosts)]
        assert outcomes == [True] * len(hosts), [outcome for outcome in outcomes if outcome is not True][:3]

    def cold() -> None:
        with Pool(SSHOptions(config=root / "ssh_config"), fanout=FANOUT) as pool:
            converse(pool, copying)

    measured: dict[str, Measured] = {}
    with Pool(SSHOptions(config=root / "ssh_config"), fanout=FANOUT, keep=True) as pool:
        assert next(pool.converse([(Target(hosts[0], "-"), nothing())]))[1] is True
        before = resident()
        converse(pool, nothing)
        measured["matrix, copy over kept connections"] = timed(lambda: converse(pool, copying))
        measured["matrix, `true` over kept connections"] = timed(lambda: converse(pool, nothing))
        memory = float(resident() - before)
        idle = timed(lambda: time.sleep(5))
    measured["matrix, kept connections at rest"] = {**idle, "kib": memory}
    measured["matrix, cold copy"] = timed(cold)
    return measured


def run_asyncssh(root: Path, hosts: list[str]) -> dict[str, Measured]:
    import asyncio

    import asyncssh

    async def one(name: str, gate: asyncio.Semaphore, key: object) -> None:
        async with (
            gate,
            asyncssh.connect(name, config=[str(root / "ssh_config")], client_keys=[key], agent_path=None) as host,
        ):
            done = await host.run(LINE, input=CONTENT, encoding=None, check=True)
            assert bytes(done.stdout).decode().startswith(DIGEST)

    async def everybody() -> None:
        gate = asyncio.Semaphore(FANOUT)
        key = asyncssh.read_private_key(str(root / "id_ed25519"))
        await asyncio.gather(*(one(name, gate, key) for name in hosts))

    return {"asyncssh, cold copy": timed(lambda: asyncio.run(everybody()))}


def run_ssh(root: Path, hosts: list[str], *extra: str) -> Measured:
    def one(name: str) -> None:
        command = ["ssh", "-F", str(root / "ssh_config"), *extra, name, LINE]
        done = subprocess.run(command, input=CONTENT, capture_output=True, check=True)
        assert done.stdout.decode().startswith(DIGEST)

    def everybody() -> None:
        with ThreadPoolExecutor(FANOUT) as threads:
            list(threads.map(one, hosts))

    return timed(everybody, resource.RUSAGE_CHILDREN)


def run_openssh(root: Path, hosts: list[str]) -> dict[str, Measured]:
    return {
        "ssh, curve25519 and AES-GCM": run_ssh(
            root, hosts, "-oKexAlgorithms=curve25519-sha256", "-oCiphers=aes128-gcm@openssh.com"
        ),
        "ssh, as it comes": run_ssh(root, hosts),
    }


CONTENDERS = {"transport": run_transport, "asyncssh": run_asyncssh, "ssh": run_openssh}


def in_child(contender: str, root: Path, hosts: list[str]) -> dict[str, Measured]:
    paths = [str(REPOSITORY / package) for package in ("common", "grammar", "sources", "emitters", "distributor")]
    done = subprocess.run(
        [sys.executable, __file__, "--contender", contender, "--root", str(root)],
        input="\n".join(hosts),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured: dict[str, Measured] = json.loads(done.stdout)
    return measured


def compare(count: int, rounds: int) -> None:
    sys.path.insert(0, str(REPOSITORY / "tests" / "fleet"))
    from sshd_fleet import SshdFleet

    results: dict[str, list[Measured]] = {}
    with SshdFleet(count) as fleet:
        for _ in range(rounds):
            for contender in CONTENDERS:
                for label, measured in in_child(contender, fleet.root, fleet.names).items():
                    results.setdefault(label, []).append(measured)
    print(f"{count} hosts, 200 KB each, median of {rounds}; {os.cpu_count()} cores")
    print(f"{'':38} {'wall s':>8} {'CPU ms/host':>12} {'KiB/host':>9}")
    for label, measured in results.items():
        wall, used = (statistics.median(one[key] for one in measured) for key in ("wall", "cpu"))
        memory = f"{statistics.median(one['kib'] for one in measured) / count:9.1f}" if "kib" in measured[0] else ""
        print(f"{label:38} {wall:8.2f} {used / count * 1000:12.2f} {memory}")
    rest = results["matrix, kept connections at rest"]
    share = statistics.median(one["cpu"] / one["wall"] for one in rest)
    print(f"at rest the kept connections take {share:.3%} of a core")


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU per host: this transport beside asyncssh and ssh.")
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender is None:
        sys.path.insert(0, str(REPOSITORY / "benchmarks"))
        from needs import need

        need("ssh", "sshd", "unshare", "pivot_root")
        compare(options.hosts, options.rounds)
        return
    print(json.dumps(CONTENDERS[options.contender](options.root, sys.stdin.read().split())))


if __name__ == "__main__":
    main()
