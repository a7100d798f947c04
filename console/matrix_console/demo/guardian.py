"""The guardian of a demonstration: a process of its own that leaves nothing behind, however the demonstration ends.

It runs as a plain script without the project. It makes the private folder, prints its path, and then reads standard
input, a pipe whose other end only the demonstration holds: each line is the id of a process group to end. At the end
of the pipe, which the kernel brings about even when the demonstration is killed with SIGKILL, it ends those groups
and removes the folder.
"""

import os
import shutil
import signal
import sys
import tempfile
import time

GRACE = 3.0
"""Seconds to wait for killed processes to be gone before the folder is removed all the same."""


def alive(group: int) -> bool:
    """Whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def end(groups: list[int]) -> None:
    """Kill the groups and wait until they are gone."""
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue
    limit = time.monotonic() + GRACE
    while time.monotonic() < limit and any(alive(group) for group in groups):
        time.sleep(0.02)


def main() -> None:
    """Make the folder, wait for the end, clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    folder = tempfile.mkdtemp(prefix="matrix-demo-")
    groups: list[int] = []
    try:
        print(folder, flush=True)
        groups.extend(int(line) for line in sys.stdin)
    finally:
        end(groups)
        for _ in range(5):
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
            time.sleep(0.1)


if __name__ == "__main__":
    main()
