"""Hosts and SSH servers that lie, and streams to hosts: `run.py [COUNT [FIRST]]`. 1 when it broke."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor")
sys.path[:0] = [
    str(HERE),
    *(str(HERE.parents[2] / package) for package in PACKAGES),
    *(str(HERE.parents[1] / folder) for folder in ("fleet", "plugins")),
]

import deltas  # noqa: E402 - found by the lines above
import lies  # noqa: E402
import servers  # noqa: E402
import ssh_configs  # noqa: E402
import streams  # noqa: E402
from matrix_fuzz import asked_for, first_broken  # noqa: E402

CHUNK = 500
SLOWER = 20
"""As many conversations cost one configuration, for which several programs are started."""


def lie(first: int) -> str:
    """The conversations of one chunk with hosts that lie; answers what broke."""
    return _first_that_broke(lies.check, range(first, first + CHUNK), "conversation")


def serve(first: int) -> str:
    """As many with SSH servers that lie, which are held some at once."""
    return _first_that_broke(servers.check, range(first, first + CHUNK // servers.HOSTS), "servers")


def change(first: int) -> str:
    """As many streams of what changes."""
    return deltas.check(first, CHUNK)


def configure(first: int) -> str:
    """Some configurations of ssh, each beside ssh -G."""
    numbers = range(first, first + CHUNK // SLOWER)
    return next((f"configuration {one}:\n{found}" for one in numbers if (found := ssh_configs.difference(one))), "")


def _first_that_broke(check: Callable[[int], None], numbers: Iterable[int], what: str) -> str:
    for number in numbers:
        try:
            check(number)
        except Exception:  # noqa: BLE001 - whatever it is, it is what the fuzz looks for, and ends it
            return f"{what} {number}:\n{traceback.format_exc()}"
    return ""


PARTS: dict[str, Callable[[int], str]] = {
    "conversations": lie,
    "conversations with SSH servers": serve,
    "streams of changes": change,
    f"configurations of ssh, times {SLOWER},": configure,
}


def main() -> int:
    """0 when nothing was found."""
    count, first = asked_for()
    for what, part in PARTS.items():
        started = time.monotonic()
        if broken := first_broken(part, first, count, CHUNK):
            print(broken)
            return 1
        print(f"{count:,} {what} from number {first}: nothing broke, in {time.monotonic() - started:.0f} s", flush=True)
    started = time.monotonic()
    with streams.enrolled_hosts() as hosts, ThreadPoolExecutor() as pool:
        halves = [pool.submit(streams.check, hosts, host, lies.generation(), first, count // 2) for host in hosts.names]
        found = [half.result() for half in halves if half.result()]
    print(*found, sep="\n")
    if not found:
        print(f"{count:,} streams from number {first}: nothing broke, in {time.monotonic() - started:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
