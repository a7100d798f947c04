"""The story of `matrix demo`: seven steps, each with real work, real output, and its result checked."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from matrix_grammar import Fleet
from matrix_grammar.reading import load

from . import languages, witness
from .narration import Narrator, StoryError
from .stage import Stage

ORIGIN = "adm1"
HEIR = "lv1"
MATRIX = (sys.executable, "-m", "matrix_console")
"""The command `matrix` as it is installed beside this very Python."""

SETTINGS = """\
[ssh]
config = "{stage}/site_ssh_config"
known_hosts = "{stage}/known_hosts"
identity = "{stage}/id_ed25519"
agent = false

[watch]
quiet = 0.2
retry = 1.0
retry_max = 2.0
"""


def example() -> Path:
    """The folder of the example MATRIX: inside the installed package, or in the repository."""
    packaged = Path(__file__).parent / "examples"
    return packaged if packaged.exists() else Path(__file__).parents[3] / "examples"


def example_hosts() -> tuple[str, ...]:
    """The hosts of the example that the embedded fleet serves: all but the origin."""
    return tuple(host.name for host in load(example() / "MATRIX") if host.name != ORIGIN)


class Story:
    """Tells the story on a stage. Each step is a method; any may raise StoryError."""

    def __init__(self, stage: Stage, tell: Narrator) -> None:
        self.stage = stage
        self.tell = tell
        self.hosts = example_hosts()
        self.roots = [stage.root(name) for name in self.hosts]
        self.origin = self.machine(ORIGIN)
        self.watcher: subprocess.Popen[bytes] | None = None

    def machine(self, name: str) -> Mapping[str, str]:
        """The environment of commands that are run on the machine `name`: which host it is, and its private root."""
        self.stage.root(name).mkdir(parents=True, exist_ok=True)
        return {"MATRIX_SELF": name, "DSAS_ROOT": str(self.stage.root(name))}

    def heir(self) -> Mapping[str, str]:
        """The environment of the heir, with keys of its own: those of the former origin are not taken over."""
        return {
            **self.machine(HEIR),
            "MATRIX_SSH_CONFIG": str(self.stage.folder / "site_ssh_config"),
            "MATRIX_SSH_KNOWN_HOSTS": str(self.stage.folder / "known_hosts"),
            "MATRIX_SSH_IDENTITY": str(self.stage.folder / "id_ed25519"),
        }

    def matrix(
        self, *words: str, folder: Path | None = None, environment: Mapping[str, str] | None = None, status: int = 0
    ) -> None:
        """Run `matrix …` before the person's eyes, and insist on its exit status."""
        self.tell.command(shlex.join(("matrix", *words)))
        result = self.stage.run([*MATRIX, *words], folder=folder, environment=environment or self.origin)
        if result.returncode != status:
            raise StoryError(f"matrix {' '.join(words)} ended with status {result.returncode}, not {status}")

    def edit(self, before: str, after: str, folder: Path | None = None) -> None:
        """Change one place of the MATRIX as an editor does: a new file, renamed over the old one."""
        path = (folder or self.stage.site) / "MATRIX"
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise StoryError(f"{before!r} does not stand once in {path.name}")
        line = next(line for line in text.splitlines() if before in line)
        self.tell.edit("MATRIX", line, line.replace(before, after))
        fresh = path.with_name("MATRIX.new")
        fresh.write_text(text.replace(before, after), encoding="utf-8")
        os.replace(fresh, path)

    def await_generation(self, number: int, roots: Sequence[Path], seconds: float = 40) -> float:
        """Seconds until all these hosts hold the generation, whole; looked at from outside."""
        took = witness.wait_until(lambda: witness.whole(roots, number), seconds)
        if took is None:
            held = {root.name: witness.holding(root) for root in roots}
            raise StoryError(f"not all hosts hold generation {number} after {seconds:.0f} s: {held}")
        return took

    def the_text(self) -> Fleet:
        """Step 1: the example as a table."""
        self.tell.heading("One text file: hosts, roles in [], states")
        shutil.copytree(example(), self.stage.site, dirs_exist_ok=True)
        (self.stage.site / "matrix.toml").write_text(SETTINGS.format(stage=self.stage.folder))
        self.write_ssh_config()
        self.matrix("show")
        fleet = load(self.stage.site / "MATRIX")
        self.tell.confirm(f"{len(fleet)} hosts, {len(fleet.roles)} roles", len(fleet) == len(self.hosts) + 1)
        return fleet

    def write_ssh_config(self) -> None:
        """The fleet's own, and before it the origin at a port where nothing listens: no packet leaves this machine."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        nobody = f"Host {ORIGIN}\n  HostName 127.0.0.1\n  Port {port}\n"
        (self.stage.folder / "site_ssh_config").write_text(nobody + self.stage.fleet.ssh_config.read_text())

    def a_mistake(self) -> None:
        """Step 2: a mistake and its answer; nothing of it is pushed."""
        self.tell.heading("A mistake, and the answer")
        self.edit("[WARN: fan alarm 4/12]", "[WARM: fan alarm 4/12]")
        self.matrix("check", status=1)
        refused = self.stage.run([*MATRIX, "push"], environment=self.origin, capture=True)
        self.tell.confirm("matrix push says the same, with status 1", refused.returncode == 1, refused.stderr)
        self.tell.confirm("no host was sent anything", not any(witness.holding(root) for root in self.roots))
        self.edit("[WARM: fan alarm 4/12]", "[WARN: fan alarm 4/12]")
        self.matrix("check")

    def the_bindings(self, fleet: Fleet) -> None:
        """Step 3: the bindings, and the same answer from every language."""
        self.tell.heading("The bindings: every language knows the fleet")
        folder = self.stage.folder / "bindings"
        self.matrix("build", "-o", os.path.relpath(folder, self.stage.site))
        serving = " ".join(host.name for host in fleet.role("ps").in_service)
        state = fleet.host("w105").state
        expected = (serving, str(fleet.host("w104").property("weight", "cache")), state.reason if state else "")
        self.tell.say(languages.QUESTION)
        asked = languages.present()
        for language in asked:
            command = languages.command(language, folder)
            environment = {"DSAS_DIR": str(folder / "etc/dsas.d")}
            got = languages.answer(self.stage.run(command, environment=environment, capture=True))
            self.tell.confirm(f"{language:8} {' | '.join(got)}", got == expected, f"expected {expected}")
        absent = set(languages.PROGRAMS).difference(asked)
        if absent:
            self.tell.say(f"not on this machine: {', '.join(sorted(absent))}")

    def the_push(self) -> None:
        """Step 4: the first push."""
        self.tell.heading(f"The push: {len(self.hosts)} hosts over SSH, and {ORIGIN}, where the MATRIX stands, itself")
        self.matrix("push")
        self.matrix("status")
        everybody = [*self.roots, self.stage.root(ORIGIN)]
        self.tell.confirm(
            f"looked into {len(self.roots)} hosts from outside: each file of generation 1 is there, byte for byte",
            witness.whole(everybody, 1),
        )

    def the_edit(self) -> None:
        """Step 5: the watcher carries an edit to all hosts."""
        self.tell.heading("An edit: the watcher carries it to all hosts")
        self.tell.command("matrix watch &")
        with (self.stage.folder / "watch.log").open("wb") as log:
            self.watcher = self.stage.start([*MATRIX, "watch"], log, self.origin)
        if witness.wait_until(lambda: "event=pushed" in self.log(), 40) is None:
            raise StoryError(f"the watcher did not begin: {self.log()}")
        self.edit("[WARN: fan alarm 4/12]", "[STOP: fan died 4/13]")
        took = self.await_generation(2, self.roots)
        self.tell.confirm(f"all {len(self.roots)} hosts have it, whole, {took:.2f} s after the save", True)
        self.watcher_says(2)
        answer = self.sh(self.stage.root("mail1"), "echo $DSAS_PS")
        self.tell.confirm(f"w104 is out of service there: {answer}", answer == "w101 w102 w103")

    def a_host_down(self) -> None:
        """Step 6: a host is down during an edit, and is brought up to date when it returns."""
        self.tell.heading("A host is down during an edit")
        name = "db2"
        self.stage.fleet.down(name)
        self.tell.say(f"{name} has lost its power")
        others = [root for root in self.roots if root.name != name]
        self.edit("[db.slave]   mysql.server_id=2", "[db.slave]   mysql.server_id=2 [WARN: raid]")
        took = self.await_generation(3, others)
        self.tell.confirm(f"the other {len(others)} have it after {took:.2f} s: nobody waited for {name}", True)
        self.watcher_says(3)
        self.matrix("status", status=3)
        self.stage.fleet.up(name)
        self.tell.say(f"{name} has its power back")
        took = self.await_generation(3, self.roots)
        self.tell.confirm(f"{name} was brought up to date by itself, {took:.2f} s after its return", True)

    def the_origin_gone(self) -> None:
        """Step 7: the origin is gone; a host answers from its own disk, and another takes over."""
        self.tell.heading(f"The origin is gone: {ORIGIN} burns down, with the MATRIX and the watcher")
        assert self.watcher is not None
        self.watcher.send_signal(signal.SIGKILL)
        self.watcher.wait()
        shutil.rmtree(self.stage.site)
        shutil.rmtree(self.stage.root(ORIGIN))
        answer = self.sh(self.stage.root("mail1"), "echo $DSAS_PS__VIP; dsas_hosts 'db&WARN'")
        self.tell.confirm(f"mail1 still answers from its own disk: {answer}", answer.endswith("db2"))
        folder = self.stage.folder / "site-of-the-heir"
        self.tell.say(f"on {HEIR}:")
        heir = self.heir()
        holdings = (self.stage.root(HEIR) / "var/lib/dsas").relative_to(self.stage.folder)
        self.matrix("adopt", str(holdings), "-o", folder.name, folder=self.stage.folder, environment=heir)
        self.edit("adm1    10.6.4.21                   [adm]", "adm1 10.6.4.21 [adm] [STOP: burnt down]", folder)
        self.matrix("push", folder=folder, environment=heir, status=3)
        self.tell.confirm(
            f"all {len(self.roots)} hosts hold generation 4, from {HEIR}; {ORIGIN} alone is reported as unreachable",
            witness.whole(self.roots, 4),
        )

    def sh(self, root: Path, question: str) -> str:
        """Ask a host's own sh binding; the answer on one line."""
        program = f'. "$1/etc/dsas.conf"; {question}'
        environment = {"DSAS_DIR": str(root / "etc/dsas.d")}
        self.tell.command(f". /etc/dsas.conf; {question}", prompt=f"{root.name}$")
        command = ["sh", "-c", program, "sh", str(root)]
        result = self.stage.run(command, folder=root, environment=environment, capture=True)
        return " ".join((result.stdout + result.stderr).split())

    def watcher_says(self, number: int) -> None:
        """Show the watcher's own line about a generation."""
        begin = f'message="generation {number} on '
        if witness.wait_until(lambda: begin in self.log(), 20) is None:
            raise StoryError(f"the watcher does not report generation {number}: {self.log()}")
        line = next(line for line in self.log().splitlines() if begin in line)
        self.tell.say("matrixd: " + line.partition('message="')[2].partition('"')[0])

    def log(self) -> str:
        """What the watcher has said so far."""
        return (self.stage.folder / "watch.log").read_text(errors="replace")

    def whole_story(self) -> None:
        """All seven steps."""
        fleet = self.the_text()
        self.a_mistake()
        self.the_bindings(fleet)
        self.the_push()
        self.the_edit()
        self.a_host_down()
        self.the_origin_gone()
