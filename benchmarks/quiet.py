"""The machine at rest, before a contender has its turn."""

from __future__ import annotations

import os
import time
from pathlib import Path


def settle() -> None:
    """Wait until this machine has nothing to do: the hosts of the contender before may still be hanging up."""

    def idle() -> int:
        return int(Path("/proc/stat").read_text().split(None, 5)[4])  # ticks, of all cores together (proc(5))

    ticks = 0.5 * os.sysconf("SC_CLK_TCK") * (os.cpu_count() or 1)
    for _ in range(40):
        before = idle()
        time.sleep(0.5)
        if idle() - before > 0.9 * ticks:
            return
