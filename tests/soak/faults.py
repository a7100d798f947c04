"""Every fault at once: good hosts are served as if there were none, bad ones are named, and all converge once healed.

    python tests/soak/faults.py [--hosts 100]

A daemon with open connections watches a MATRIX of real sshd hosts. Two edits are timed on most of them; then the others
fall ill, each of the faults on some, and a third edit is timed; the state names every bad host with stage and cause.
Then the hosts are healed, and nobody does anything. Ends with 1 when anything is not so. Needs root, openssh-server.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from run import PATIENCE, Soak
from sshd_fleet import SshdFleet

from matrix_distributor.state import OriginState

FAULTS = ("refuse", "hang", "blackhole", "ro", "full", "wrongkey", "nokey", "denied", "hangcmd", "cut:8", "slow:300")
EACH = 3
"""So many hosts have each fault."""


NOISE = 1.0
"""Seconds by which two edits may differ where other work goes on beside them."""


def held(fleet: SshdFleet, host: str) -> int:
    """The generation that a host's own files speak of, 0 for none."""
    try:
        text = fleet.read(host, "/etc/dsas.conf").decode()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(text.partition("DSAS_GENERATION=")[2].split()[0])


def await_generation(fleet: SshdFleet, number: int, hosts: list[str]) -> float:
    """Wait until these hosts hold a generation; gives the seconds that it took."""
    began, left = time.monotonic(), hosts
    while left:
        left = [host for host in left if held(fleet, host) < number]
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"after {PATIENCE:.0f} s not on generation {number}: {left}")
        time.sleep(0.05)
    return time.monotonic() - began


def unnamed(run: Soak, bad: dict[str, str]) -> list[str]:
    """What is wrong with what the state says of bad hosts, as soon as nothing is, or else at the end of patience."""
    end = time.monotonic() + PATIENCE
    while True:
        with OriginState(run.folder / ".matrix") as state:
            known = {host: record.outcome for host, record in state.hosts().items()}
        wrong = []
        for host, fault in bad.items():
            outcome = known[host]
            if outcome.good or not (outcome.stage and outcome.cause and outcome.cure):
                wrong.append(f"{host} ({fault}) is told as {outcome}")
        if not wrong or time.monotonic() > end:
            return wrong
        time.sleep(0.2)


def matrix_of_faults(hosts: int) -> list[str]:
    """Run it. Gives what is wrong."""
    with SshdFleet(hosts) as fleet, tempfile.TemporaryDirectory(prefix="faults-") as folder:
        run = Soak(fleet, Path(folder), random.Random(0))
        try:
            run.start()
            await_generation(fleet, 1, fleet.names)
            names = iter(fleet.names)
            bad = {next(names): fault for fault in FAULTS for _ in range(EACH)}
            good = [name for name in fleet.names if name not in bad]
            spans = []
            for number in (2, 3, 4):
                if number == 4:
                    for fault in FAULTS:
                        fleet.fault(fault, *(name for name, its in bad.items() if its == fault))
                run.words[good[0]] = f"weight={number}"
                run.matrix.write_text(run.text())
                spans.append(await_generation(fleet, number, good))
            wrong = unnamed(run, {name: fault for name, fault in bad.items() if not fault.startswith("slow")})
            if spans[2] > 2 * max(spans[:2]) + NOISE:
                wrong.append(f"{len(good)} good hosts took {spans[2]:.2f} s beside bad ones, {spans[:2]} without")
            fleet.heal(*bad)
            healed = await_generation(fleet, 4, fleet.names)
            current = run.current()
            wrong += [f"{name}: {told}" for name in fleet.names for told in run.differences(name, current)]
            if status := run.end(signal.SIGTERM):
                wrong.append(f"the daemon ended with status {status}: {run.tail()}")
        finally:
            if run.daemon is not None:
                run.daemon.kill()
                run.daemon.wait()
    print(f"{hosts} hosts, {len(bad)} of them with {len(FAULTS)} faults: {len(good)} good ones in {spans[2]:.2f} s, "
          f"before in {spans[0]:.2f} and {spans[1]:.2f} s; all alike {healed:.1f} s after healing")  # fmt: skip
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description="Every fault at once, on some hosts each.")
    parser.add_argument("--hosts", type=int, default=100)
    wrong = matrix_of_faults(parser.parse_args().hosts)
    for line in wrong[:50]:
        print("WRONG:", line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
