"""What hosts that send without end cost the others: 100 hosts of one pool, four of them floods, beside four quiet ones.

    python benchmarks/floods/run.py [--hosts 96] [--rounds 3]

The hosts are those of the embedded fleet; each flood of `tests/fleet/hostile_server.py` has a process of its own.
Measured is the time until the last healthy host has answered `hostname`, over new connections; the ratio is that to
the same with four quiet hosts in place of the floods, in turn with them. The floods share this machine's cores with
all else.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FLOODS = ("ignore", "login", "global", "window", "stderr", "lines", "bytes")
BAD = 4


@contextmanager
def hostile(kind: str) -> Iterator[list[int]]:
    """The ports of as many hosts of a kind."""
    program = [sys.executable, REPOSITORY / "tests/fleet/hostile_server.py"]
    with ExitStack() as stack:
        servers = [
            subprocess.Popen([*program, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(BAD)
        ]
        for server in servers:
            stack.enter_context(server)
            stack.callback(server.kill)
        yield [int(server.stdout.readline()) for server in servers if server.stdout is not None]


def seconds(folder: Path, healthy: dict[str, int], bad: Sequence[int]) -> float:
    """Until the last healthy host has answered."""
    from matrix_distributor.dialogue import Command, Dialogue, Reply, Target, Timeouts
    from matrix_distributor.transport import Pool, SSHOptions

    def asked() -> Dialogue[Reply]:
        return (yield Command("hostname"))

    known = folder / "known_hosts.new"
    known.write_text("")
    options = SSHOptions(
        config=folder / "empty", identities=(folder / "id_ed25519",), known_hosts=(known,), accept_new=True, agent=False
    )
    targets = [Target(f"bad-{port}", "127.0.0.1", port, "root") for port in bad]
    targets += [Target(name, "127.0.0.1", port, "root") for name, port in healthy.items()]
    pool = Pool(options, fanout=len(targets), timeouts=Timeouts(command=60))
    try:
        begun, left = time.monotonic(), len(healthy)
        for target, outcome in pool.converse((target, asked()) for target in targets):
            if target.name in healthy:
                assert isinstance(outcome, Reply), outcome
                left -= 1
                if not left:
                    break
        return time.monotonic() - begun
    finally:
        pool.abort()
        closer = threading.Thread(target=pool.close)
        closer.start()
        closer.join(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--floods", nargs="*", default=FLOODS)
    options = parser.parse_args()
    from matrix_distributor.embedded import FleetProcess

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "fleet"
        with FleetProcess([f"w{n}" for n in range(options.hosts)], folder) as fleet:
            (folder / "empty").write_text("")
            print(f"{options.hosts} healthy hosts, {BAD} beside them, {os.cpu_count()} cores; seconds, medians")
            seconds(folder, fleet.ports, [])
            for kind in options.floods:
                with hostile("none") as quiet, hostile(kind) as flooding:
                    pairs = [
                        (seconds(folder, fleet.ports, quiet), seconds(folder, fleet.ports, flooding))
                        for _ in range(options.rounds)
                    ]
                calm, flooded = (statistics.median(column) for column in zip(*pairs, strict=True))
                print(f"{kind:8} quiet {calm:6.2f}   flooded {flooded:6.2f}   ratio {flooded / calm:5.2f}", flush=True)


if __name__ == "__main__":
    main()
