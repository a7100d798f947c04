"""Hosts that lie, and streams to hosts: `python tests/distributor/fuzz/run.py [COUNT [FIRST]]`. 1 when it broke."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOMS = ("grammar", "emitters", "distributor")
sys.path[:0] = [str(HERE), *(str(HERE.parents[2] / room) for room in ROOMS), str(HERE.parents[1] / "fleet")]

import lies  # noqa: E402 - found by the lines above
import streams  # noqa: E402

CHUNK = 500


def work(first: int) -> str | None:
    """The conversations of one chunk; answers what broke."""
    for number in range(first, first + CHUNK):
        try:
            lies.check(number)
        except Exception:  # noqa: BLE001 - whatever it is, it is what the fuzz looks for, and ends it
            return f"conversation {number}:\n{traceback.format_exc()}"
    return None


def main() -> int:
    """0 when nothing was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time()) * 1000
    started = time.monotonic()
    with multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool:
        for broken in pool.imap_unordered(work, range(first, first + count, CHUNK)):
            if broken:
                print(broken)
                return 1
    print(f"{count:,} conversations from number {first}: nothing broke, in {time.monotonic() - started:.0f} s")
    started = time.monotonic()
    with streams.enrolled_hosts() as hosts, ThreadPoolExecutor() as pool:
        halves = [pool.submit(streams.check, hosts, host, lies.generation(), first, count // 2) for host in hosts.names]
        broken = [half.result() for half in halves if half.result()]
    print(*broken, sep="\n")
    if not broken:
        print(f"{count:,} streams from number {first}: nothing broke, in {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
