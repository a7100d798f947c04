"""The asking of hosts over kept connections, in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import socket
import struct
import sys
import time
from pathlib import Path


def on_the_wire() -> tuple[int, int]:
    """Bytes that were acknowledged by the other side, and bytes received, over all TCP sockets (tcp(7), TCP_INFO)."""
    sent = received = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(name))) as connection:
                if connection.family not in (socket.AF_INET, socket.AF_INET6):
                    continue
                raw = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        except OSError:
            continue  # not a socket, or the folder that is being listed
        acknowledged, came = struct.unpack_from("QQ", raw, 120)
        sent, received = sent + acknowledged, received + came
    return sent, received


def ask_hosts(root: Path, folder: Path, hosts: list[str]) -> None:
    """Every host is asked what it holds, twice over the same connections; the second time is measured."""
    from matrix_distributor.conversation import Reach
    from matrix_distributor.dialogue import Target
    from matrix_distributor.push import inspect
    from matrix_distributor.state import OriginState
    from matrix_distributor.transport import Pool, SSHOptions

    with OriginState(folder / ".matrix") as state:
        generation = state.current()
    assert generation is not None
    targets = [Target(name, "-") for name in hosts]
    with Pool(SSHOptions(config=root / "ssh_config", agent=False), fanout=32, keep=True) as pool:
        assert all(outcome.good for outcome in inspect(generation, targets, Reach(pool)))
        time.sleep(1)
        before, usage, began = on_the_wire(), resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        assert all(outcome.good for outcome in inspect(generation, targets, Reach(pool)))
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
        time.sleep(1)  # for the last acknowledgements
        sent, received = ((now - then) / len(hosts) for now, then in zip(on_the_wire(), before, strict=True))
    cpu = (after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime) / len(hosts)
    print(json.dumps({"bytes": sent + received, "sent": sent, "received": received, "wall": wall, "cpu": cpu}))


if __name__ == "__main__":
    ask_hosts(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
