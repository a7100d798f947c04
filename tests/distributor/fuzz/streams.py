"""Hostile streams to a real host, by what the enrolled account may start as root: used by the tests and by `run.py`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sshd_fleet import SshdFleet

from matrix_distributor.conversation import Reach
from matrix_distributor.dialogue import Target
from matrix_distributor.enroll import Enrollment, enroll
from matrix_distributor.generation.generation import Generation
from matrix_distributor.transport import Pool, SSHOptions

HERE = Path(__file__).parent
CHUNK = 100
INSIDE = ("/usr/bin/python3", "/srv/host/streams_inside.py")


@contextmanager
def enrolled_hosts() -> Iterator[SshdFleet]:
    """Hosts that are enrolled, without signers: w1, which has perl, and w2, where sh does it all."""
    with SshdFleet(["w1", "w2"]) as hosts:
        told = subprocess.run(["ssh-keygen", "-y", "-f", hosts.identity], capture_output=True, text=True, check=True)
        options = SSHOptions(
            config=hosts.ssh_config, identities=(hosts.identity,), known_hosts=(hosts.known_hosts,), user="root",
            agent=False,
        )  # fmt: skip
        with Pool(options) as pool:
            targets = [Target(name, hosts.address(name)) for name in hosts.names]
            for done in enroll(Enrollment((told.stdout.strip(),)), targets, Reach(pool)):
                assert done.good, done
        hosts.path("w2", "/etc/dsas/receive.pl").unlink()
        yield hosts


def check(hosts: SshdFleet, host: str, generation: Generation, first: int, count: int) -> str:
    """What broke of so many streams to a host, by number; empty when nothing did."""
    hosts.write(host, "/srv/host/archive", generation.archive)
    for name in ("streams_inside.py", "mutation.py"):
        hosts.write(host, f"/srv/host/{name}", (HERE / name).read_bytes())
    for start in range(first, first + count, CHUNK):
        share = str(min(CHUNK, first + count - start))
        done = hosts.run(host, *INSIDE, str(start), share, "/srv/host/archive")
        if done.returncode:
            return (done.stdout + done.stderr).decode("utf-8", "replace")
    return ""
