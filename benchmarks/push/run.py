"""What one edit costs until it is on every host: matrix beside its peers, real sshd hosts, one run, medians.

    python benchmarks/push/run.py [--hosts 200] [--many 1000] [--rounds 3] [--peers all|fast|none]

Cold: a process of its own that connects to every host, each of which holds the generation before, and sends what
changes in it; and once more all of it, as to hosts of which it knows nothing. The peers (peers.py) copy a generation as
one compressed file, and check nothing. CPU is the pusher's alone (user and
system); of matrix without start-up, which is what it takes for one host. On a small machine most of the wall time is
the sshds'. Then the daemon: from the first sign of an edit to the last host without the quiet period, its memory
beside that of a daemon of one host, its CPU at rest; and what asking a host that is current takes on the wire.
Needs root; the peers come from PyPI at the first run. `--many 0` leaves the larger fleet out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parts import AT_REST, Measured, Site, idle_cpu, resident, timed
from peers import peers

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests" / "fleet"), str(REPOSITORY / "benchmarks")]

from needs import need  # noqa: E402
from sshd_fleet import SshdFleet  # noqa: E402

CHILD = Path(__file__).with_name("child.py")
QUIET = 0.3
OWN, WHOLE = "matrix push", "matrix push, all of it"


def median(measured: list[Measured], key: str) -> float:
    return statistics.median(one[key] for one in measured)


def cold(site: Site, fleet: SshdFleet, rounds: int, wanted: str) -> dict[str, list[Measured]]:
    """Contenders in turn, each once in a round; slow ones in the first round alone."""
    results: dict[str, list[Measured]] = {}
    others = [] if wanted == "none" else peers(fleet, site.folder, site.archive())
    for number in range(rounds):
        site.edit(number + 1)
        start = site.run("push", "--retry", "0", site.hosts[0])["cpu"]
        site.edit(number + 101)
        pushed = site.run("push", "--retry", "0")
        results.setdefault(OWN, []).append({**pushed, "start": start})
        site.forget()
        site.edit(number + 151)
        results.setdefault(WHOLE, []).append({**site.run("push", "--retry", "0"), "start": start})
        for peer in others:
            if not peer.slow or (number == 0 and wanted == "all"):
                copied = timed(peer.line(site.hosts), site.folder, dict(peer.environment))
                results.setdefault(peer.label, []).append(copied)
    return results


def print_cold(results: dict[str, list[Measured]], hosts: int) -> None:
    print(f"{'cold':24} {'wall s':>8} {'CPU ms/host':>12} {'matrix wall is':>15}")
    own = median(results[OWN], "wall")
    for label, measured in results.items():
        used = statistics.median(one["cpu"] - one.get("start", 0.0) for one in measured)
        ratio = f"{own / median(measured, 'wall'):14.2f}x"
        print(f"{label:24} {median(measured, 'wall'):8.2f} {used / hosts * 1000:12.2f} {ratio}")


def daemon(site: Site, fleet: SshdFleet, rounds: int) -> None:
    """Edits through the daemon, its memory and its rest."""
    with site.daemon(fleet, site.hosts[:1], QUIET) as (process, log):
        log.pushed(1)
        time.sleep(1)
        alone = resident(process.pid)
    with site.daemon(fleet, site.hosts, QUIET) as (process, log):
        log.pushed(1)
        edits = []
        for number in range(rounds):
            site.edit(number + 201)
            edits.append(log.pushed(number + 2)["seconds"] - QUIET)
            time.sleep(1)
        memory = (resident(process.pid) - alone) / max(1, len(site.hosts) - 1)
        rest = idle_cpu(process.pid, 15.0)
    print(f"edit to all of {len(site.hosts)} hosts, kept connections, quiet period aside: "
          f"{statistics.median(edits):.2f} s ({', '.join(f'{one:.2f}' for one in edits)})")  # fmt: skip
    print(f"memory of the daemon per kept host: {memory:.0f} KiB (with one host it has {alone / 1024:.0f} MiB)")
    print(f"idle daemon: {rest:.2%} of a core")


def current(site: Site, fleet: SshdFleet) -> None:
    """Asking hosts that are current over kept connections."""
    command = [sys.executable, str(CHILD), str(fleet.root), str(site.folder), *site.hosts]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env=site.environment)
    answer = json.loads(done.stdout)
    print(f"nothing changed, kept connection: {answer['bytes']:.0f} bytes on the wire per host "
          f"({answer['sent']:.0f} there, {answer['received']:.0f} back), {answer['wall']:.2f} s for all, "
          f"{answer['cpu'] * 1000:.2f} ms of CPU per host")  # fmt: skip


def compare(hosts: int, rounds: int, wanted: str) -> None:
    with (
        SshdFleet(hosts, sshd_config=f"SetEnv {AT_REST}\n") as fleet,
        tempfile.TemporaryDirectory(prefix="push-") as folder,
    ):
        site = Site(Path(folder) / "site", fleet, fleet.names)
        site.run("push")  # so that every host holds a generation, and SSH and disks are warm
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        size = site.archive().stat().st_size
        print(f"{hosts} hosts, {size / 1000:.0f} KB each, median of {rounds}; {os.cpu_count()} cores, load {load}")
        print_cold(cold(site, fleet, rounds, wanted), hosts)
        current(site, fleet)
        daemon(site, fleet, rounds)


def scale(hosts: int, many: int, rounds: int) -> None:
    """A larger fleet, of its own, since some peers read all of known_hosts for every host."""
    with (
        SshdFleet(many, sshd_config=f"SetEnv {AT_REST}\n") as fleet,
        tempfile.TemporaryDirectory(prefix="push-") as folder,
    ):
        site = Site(Path(folder) / "site", fleet, fleet.names[:hosts])
        larger = Site(Path(folder) / "larger", fleet, fleet.names)
        pairs = [(larger.edited(number + 302), site.edited(number + 302)) for number in range(rounds)]
        ratios = [more / less for more, less in pairs]
        walls = ", ".join(f"{more:.2f} and {less:.2f} s" for more, less in pairs)
        print(f"{many} hosts cold beside {hosts} just after: {statistics.median(ratios):.1f}x ({walls})")


def main() -> None:
    parser = argparse.ArgumentParser(description="An edit on every host: matrix beside its peers.")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers", choices=("all", "fast", "none"), default="all", help="fast: without ansible, pyinfra"
    )
    options = parser.parse_args()
    need("ssh", "sshd", "unshare", "pivot_root")
    compare(options.hosts, options.rounds, options.peers)
    if options.many:
        scale(options.hosts, options.many, options.rounds)


if __name__ == "__main__":
    main()
