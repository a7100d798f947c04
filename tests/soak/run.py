"""Random edits while hosts and the daemon die: at the end every host holds the last good text, byte for byte.

    python tests/soak/run.py [--edits 1000] [--hosts 12] [--seed N]

A daemon watches a MATRIX of real sshd hosts. The text is edited in the ways of various programs, sometimes wrongly;
hosts lose their power, hang, get full or read-only disks, and come back; the daemon is killed with SIGKILL and started
again. Meanwhile a checker on each host sources its binding in a loop: every file that it ever saw must be, whole, of
some generation. Ends with 1 when anything is not so. Needs root and openssh-server.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(REPOSITORY / package)
    for package in ("common", "grammar", "sources", "emitters", "distributor", "console", "tests/fleet")
]

from sshd_fleet import SshdFleet  # noqa: E402
from witnesses import Witnesses  # noqa: E402

from matrix_distributor.generation import Generation  # noqa: E402
from matrix_distributor.state import OriginState  # noqa: E402

PATIENCE = 90.0
FAULTS = ("refuse", "hang", "hangcmd", "ro", "small disk", "denied", "wrongkey", "slow:20")
WRONG = ("[[\n", "@include nowhere/*.matrix\n", "h1 10.0.0.1 [ps] weight=heavy\n", "", "h9x [cache]\n")
SETTINGS = """\
[ssh]
identity = "{identity}"
known_hosts = "{known_hosts}"
config = "/dev/null"
connect_timeout = 2.0
command_timeout = 5.0
agent = false
[push]
local = false
[watch]
quiet = 0.1
poll = 2.0
retry = 0.3
retry_max = 1.0
verify = 3.0
repair = true
"""


class Soak:
    """One run: a folder with the MATRIX, the daemon, the fleet, and chance."""

    def __init__(self, fleet: SshdFleet, folder: Path, chance: random.Random) -> None:
        self.fleet = fleet
        self.folder = folder
        self.chance = chance
        self.matrix = folder / "MATRIX"
        self.words = dict.fromkeys(fleet.names, "")
        self.count: Counter[str] = Counter()
        self.small: set[str] = set()
        (folder / "matrix.toml").write_text(
            SETTINGS.format(identity=fleet.identity, known_hosts=fleet.known_hosts), encoding="utf-8"
        )
        self.matrix.write_text(self.text(), encoding="utf-8")
        self.daemon: subprocess.Popen[bytes] | None = None

    def text(self) -> str:
        lines = ["@matrix 1", "@default ssh.port=2222 ssh.user=root", '[ps] "page servers"']
        lines += [f"    {name}  {self.fleet.address(name)}  {words}" for name, words in self.words.items()]
        return "\n".join(lines) + "\n"

    def start(self) -> None:
        environment = {**os.environ, "HOME": str(self.folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with (self.folder / "log").open("ab") as log:
            self.daemon = subprocess.Popen(
                [sys.executable, "-m", "matrix_console", "watch", "--log", "logfmt"],
                cwd=self.folder, env=environment, stderr=log,
            )  # fmt: skip

    def end(self, number: signal.Signals) -> int:
        daemon, self.daemon = self.daemon, None
        assert daemon is not None
        if daemon.poll() is not None:
            raise SystemExit(f"the daemon ended by itself with {daemon.returncode}: {self.tail()}")
        daemon.send_signal(number)
        return daemon.wait(40)

    def tail(self) -> str:
        return "\n" + "\n".join((self.folder / "log").read_text().splitlines()[-15:])

    def edit(self) -> None:
        """Change something, or make a mistake, and save it in the way of some program."""
        self.count["edits"] += 1
        if self.chance.random() < 0.1:
            self.count["wrong texts"] += 1
            self.save(self.chance.choice(WRONG))
            return
        state = self.chance.choice(["", "", "[WARN: fan]", "[STOP: disk]", "port=8080", '"a note"'])
        self.words[self.chance.choice(self.fleet.names)] = f"weight={self.chance.randrange(200)} {state}"
        self.save(self.text())

    def save(self, text: str) -> None:
        way = self.chance.randrange(4)
        if way == 0:
            self.matrix.write_text(text)
        elif way == 1:
            (self.folder / ".new").write_text(text)
            (self.folder / ".new").rename(self.matrix)
        elif way == 2:
            self.matrix.replace(self.folder / "MATRIX~")
            self.matrix.write_text(text)
        else:
            with self.matrix.open("w") as file:  # slowly, so that a part may be read
                for line in text.splitlines(keepends=True):
                    file.write(line)
                    file.flush()

    def disturb(self) -> None:
        """Let a host fall ill, or heal one, or kill the daemon."""
        dice = self.chance.random()
        if dice < 0.05:
            self.count["daemon killed"] += 1
            self.end(signal.SIGKILL)
            self.start()
        elif dice < 0.3:
            name = self.chance.choice(self.fleet.names)
            if self.fleet.mode(name) == "ok" and name not in self.small:
                self.count["hosts struck"] += 1
                self.strike(name, self.chance.choice([*FAULTS, f"cut:{self.chance.randrange(1, 60)}"]))
            else:
                self.count["hosts healed"] += 1
                self.small.discard(name)
                self.fleet.heal(name)

    def strike(self, name: str, fault: str) -> None:
        """Cut a host's power and start it with a fault; or let it lose its disk of generations for one too small."""
        if fault == "small disk":
            self.small.add(name)
            done = self.fleet.run(name, "mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", "/var/lib/dsas")
            assert done.returncode == 0, done.stderr
        else:
            self.fleet.fault(fault, name)

    def current(self) -> Generation:
        with OriginState(self.folder / ".matrix") as state:
            current = state.current()
        assert current is not None
        return current

    def converge(self) -> float:
        """Save a last good text, heal all, and wait until every host holds it. Gives the seconds that it took."""
        began = time.monotonic()
        ill = {name for name in self.fleet.names if self.fleet.mode(name) != "ok"}
        self.fleet.heal(*(ill | self.small))
        self.words["h1"] = '"the last edit"'
        self.matrix.write_text(self.text())
        while True:
            current = self.current()
            said = {artifact.path: artifact.content for artifact in current.artifacts}
            if said["matrix/MATRIX"] == self.matrix.read_bytes():
                left = [name for name in self.fleet.names if self.differences(name, current)]
                if not left:
                    return time.monotonic() - began
            if time.monotonic() - began > PATIENCE:
                wrong = {name: self.differences(name, current)[:3] for name in self.fleet.names}
                raise SystemExit(f"not converged after {PATIENCE:.0f} s: {wrong}{self.tail()}")
            time.sleep(0.2)

    def differences(self, host: str, generation: Generation) -> list[str]:
        """Files of a host that are not as the generation says, that are missing, or that nobody should have left."""
        find = "find /etc /var/lib/dsas \\( -path '*dsas*' -o -name '.dsas*' \\) -type f ! -name '*.pyc'"
        listed = set(self.fleet.run(host, "sh", "-c", find).stdout.decode().split())
        wanted = {a.path: a.content for a in generation.artifacts if a.path.startswith("/")}
        wrong = [p for p in wanted if p not in listed or self.fleet.read(host, p) != wanted[p]]
        known = {
            "/etc/dsas.d/self",
            *(f"/var/lib/dsas/{name}" for name in ("install.sh", "current", "lock", "name", "pending")),
        }
        stray = sorted(p for p in listed - set(wanted) - known if not p.startswith("/var/lib/dsas/generations/"))
        kept = self.fleet.run(host, "sh", "-c", "ls -A /var/lib/dsas/generations").stdout.decode().split()
        stray += [name for name in kept if not name[0].isdigit()]
        if len(kept) > 5:
            stray.append(f"{len(kept)} generations are kept")
        if self.fleet.exists(host, "/var/lib/dsas/pending") and self.fleet.read(host, "/var/lib/dsas/pending"):
            stray.append("an install is pending")
        return wrong + stray

    def half_files(self, witnesses: Witnesses) -> list[str]:
        """Files that some checker saw and that are of no generation."""
        whole = set()
        with OriginState(self.folder / ".matrix") as state:
            for number in range(1, state.current_number() + 1):
                whole |= {(file.path, file.sha256) for file in state.generation(number).manifest.files}
        return [f"{path} as {digest[:12]}" for path, digest in sorted(witnesses.seen() - whole)]


def soak(edits: int, hosts: int, seed: int) -> list[str]:
    """Run it. Gives what is wrong."""
    chance = random.Random(seed)
    began = time.monotonic()
    with SshdFleet(hosts) as fleet, tempfile.TemporaryDirectory(prefix="soak-") as folder:
        run, witnesses = Soak(fleet, Path(folder), chance), Witnesses(fleet)
        try:
            run.start()
            for _ in range(edits):
                run.edit()
                run.disturb()
                witnesses.attend()
                time.sleep(chance.choice((0.0, 0.05, 0.3, 0.6)))
            took = run.converge()
            witnesses.close()
            status = run.end(signal.SIGTERM)
            wrong = witnesses.bad() + run.half_files(witnesses)
            if status:
                wrong.append(f"the daemon ended with status {status}: {run.tail()}")
            generations, looks = run.current().number, witnesses.looks()
        finally:
            witnesses.close()
            if run.daemon is not None:
                run.daemon.kill()
                run.daemon.wait()
    told = ", ".join(f"{count} {what}" for what, count in run.count.items())
    print(f"seed {seed}: {hosts} hosts, {told}; {generations} generations, bindings sourced {looks} times; "
          f"all hosts alike {took:.1f} s after the last edit; {time.monotonic() - began:.0f} s in all")  # fmt: skip
    return wrong if looks else [*wrong, "no checker ever saw a binding"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Random edits while hosts and the daemon die.")
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=12)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    wrong = soak(options.edits, options.hosts, options.seed)
    for line in wrong[:50]:
        print("WRONG:", line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
