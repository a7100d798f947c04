"""Hostile requests against a dmetad of its own: `python tests/dmetad/fuzz/dmetad_fuzz.py [COUNT [SEED]]`."""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "serving"), str(HERE.parents[1] / "plugins")]

from dmetad_server import EXAMPLE, running  # noqa: E402 - found by the line above
from hostile import Findings, attack  # noqa: E402

CLIENTS = 4
GROWTH = 8 * 1024
"""KiB that memory may grow after the first tenth, which fills what is kept ready."""


def fuzz(port: int, count: int, seed: int) -> Findings:
    """The attacks of all clients, added up."""
    total = Findings()
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [count // CLIENTS + (place < count % CLIENTS) for place in range(CLIENTS)]
        for found in pool.map(lambda place: attack(port, shares[place], seed * 1000 + place), range(CLIENTS)):
            total.sent += found.sent
            total.silent += found.silent
            total.wrong += found.wrong
            for status, number in found.statuses.items():
                total.statuses[status] = total.statuses.get(status, 0) + number
    return total


def main(count: int, seed: int) -> int:
    """0 when nothing was found."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--rate", "0", "--longest-wait", "0.02", "--slowest", "5")
        with running(Path(folder), "-f", str(EXAMPLE), *options) as server:
            started = time.monotonic()
            first = fuzz(server.port, max(1, count // 10), seed)
            before = server.resident
            rest = fuzz(server.port, count - first.sent, seed + 1)
            grown = server.resident - before
            alive = server.get("/ps/node").text == "DSAS_PS='w101 w102 w103 w104'\n"
            statuses = {
                status: first.statuses.get(status, 0) + rest.statuses.get(status, 0) for status in rest.statuses
            }
            print(f"{first.sent + rest.sent:,} requests in {time.monotonic() - started:.0f} s, seed {seed}")
            print("answers: " + ", ".join(f"{status}: {number:,}" for status, number in sorted(statuses.items())))
            print(f"memory: {server.resident} KiB, {grown:+} KiB since the first tenth")
            for sent, answer in (first.wrong + rest.wrong)[:5]:
                print(f"WRONG {sent[:300]!r}\n  -> {answer[:300]!r}")
            failed = bool(first.wrong or rest.wrong) or not alive or grown > GROWTH or "Traceback" in server.log
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 100_000, int(sys.argv[2]) if sys.argv[2:] else 1))
