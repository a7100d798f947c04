"""From the release before to this one, on real hosts: with its daemon running, enrolled and not, signed and not.

`release_before.tar.xz` holds the packages of that release: `git archive COMMIT grammar emitters distributor dmetad
console | xz -9`.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

NAMES = ("w1", "w2", "w3")
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
PATIENCE = 60.0
OWN_KEYS = "Match User dsas\nAuthorizedKeysFile .ssh/authorized_keys\nMatch all\n"
WIPE = (
    "userdel -f dsas >/dev/null 2>&1; rm -rf /etc/dsas /etc/dsas.* /etc/sudoers.d/dsas; "
    "find /var/lib/dsas -mindepth 1 -delete"
)


@dataclass
class Site:
    """A folder with a MATRIX, and the command `matrix` of both releases in it."""

    folder: Path
    before: Path
    hosts: SshdFleet
    edits: int = 0
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self, release: str) -> dict[str, str]:
        own = [str(self.before / package) for package in PACKAGES] if release == "before" else []
        given = {**os.environ, "HOME": str(self.folder), "PYTHONPATH": os.pathsep.join([*own, *filter(None, sys.path)])}
        given.pop("SSH_AUTH_SOCK", None)
        return given

    def run(self, release: str, *words: str, status: int = 0) -> str:
        """A verb of a release, of which this exit status is expected; gives what it printed on both streams."""
        done = subprocess.run(
            [sys.executable, "-m", "matrix_console", *words], cwd=self.folder, env=self.environment(release),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{release} {words}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def watch(self, release: str) -> subprocess.Popen[str]:
        """The daemon of a release, whose log goes to a file."""
        with self.log(len(self.started)).open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "matrix_console", "watch"], cwd=self.folder, env=self.environment(release),
                stderr=log, text=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def log(self, number: int) -> Path:
        return self.folder / f"watch-{number}.log"

    def end(self, process: subprocess.Popen[str]) -> None:
        """As a person does at its terminal: no daemon is missed afterwards."""
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0

    def edit(self) -> str:
        """Another reason for w3; gives it."""
        self.edits += 1
        reason = f"edit {self.edits}"
        hosts = "".join(
            f"    {name}  {self.hosts.address(name)}{f'  [WARN: {reason}]' if name == 'w3' else ''}\n" for name in NAMES
        )
        text = f"@matrix 1\n@default ssh.port=2222\n[ps]\n{hosts}"
        fresh = self.folder / ".MATRIX.new"
        fresh.write_text(text)
        fresh.rename(self.folder / "MATRIX")
        return reason

    def reasons(self) -> set[str]:
        """What the hosts' own bindings say of w3."""
        said = set()
        for name in NAMES:
            asked = self.hosts.run(name, "sh", "-c", ". /etc/dsas.conf && dsas_reason w3")
            said.add(asked.stdout.decode().strip() if asked.returncode == 0 else "nothing")
        return said

    def await_reason(self, reason: str) -> None:
        until = time.monotonic() + PATIENCE
        while self.reasons() != {reason}:
            logs = "".join(self.log(number).read_text() for number in range(len(self.started)))
            assert time.monotonic() < until, f"{self.reasons()} and not {reason}\n{logs}"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the release before."""
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(Path(__file__).with_name("release_before.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def _hosts() -> Iterator[SshdFleet]:
    require("root", "sshd", "ssh", "ssh-keygen", "sudo", "visudo")
    with SshdFleet(NAMES, sshd_config=OWN_KEYS) as hosts:
        yield hosts


@pytest.fixture
def site(_hosts: SshdFleet, before: Path, tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """Makes a site by further settings."""
    made: list[Site] = []

    def make(settings: str = "") -> Site:
        folder = tmp_path / "site"
        folder.mkdir()
        (folder / "empty").write_text("")
        (folder / "matrix.toml").write_text(
            f'[ssh]\nidentity = "{_hosts.identity}"\nknown_hosts = "{_hosts.known_hosts}"\nconfig = "empty"\n'
            'user = "root"\nagent = false\n[watch]\nquiet = 0.1\nretry = 0.3\n[push]\nlocal = false\n' + settings
        )
        made.append(Site(folder, before, _hosts))
        made[0].edit()
        return made[0]

    yield make
    for process in made[0].started:
        if process.poll() is None:
            made[0].end(process)
    for name in NAMES:
        _hosts.run(name, "sh", "-c", f"{shlex.join(['sh', '-c', WIPE])} || :")


def upgrade_with_a_running_daemon(site: Site) -> None:
    """The package is replaced below a running daemon, which goes on beside the new commands; then it is restarted."""
    old = site.watch("before")
    site.await_reason("edit 1")
    told = site.run("now", "status", status=3)
    assert "not in force: this program makes other files from the same text than generation 1 has" in told
    assert "current         3" in told
    site.run("now", "history")
    site.await_reason(site.edit())
    site.run("now", "push")
    site.await_reason(site.edit())
    site.end(old)
    new = site.watch("now")
    site.await_reason(site.edit())
    assert "current         3" in site.run("now", "status")
    assert "current         3" in site.run("now", "status", "--live")
    site.run("now", "rollback", "1")
    log = site.log(len(site.started) - 1).read_text()
    assert "refused" not in log, log
    site.end(new)


def test_a_site_whose_origin_logs_in_as_root_goes_on(site: Callable[[str], Site]) -> None:
    made = site("")
    made.run("before", "push")
    upgrade_with_a_running_daemon(made)


def test_a_site_whose_origin_logs_in_as_root_and_signs_goes_on(site: Callable[[str], Site], tmp_path: Path) -> None:
    new_key(tmp_path / "signing")
    made = site(f'[sign]\nkey = "{tmp_path}/signing"\n')
    made.run("before", "push")
    upgrade_with_a_running_daemon(made)


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_an_enrolled_site_goes_on_before_and_after_it_is_enrolled_again(
    site: Callable[[str], Site], tmp_path: Path, signed: bool
) -> None:
    for key in ("daemon", "signing"):
        new_key(tmp_path / key)
    public = (tmp_path / "signing.pub").read_text()
    (tmp_path / "signers").write_text(f'matrix namespaces="matrix" {public}')
    signing = f'[sign]\nkey = "{tmp_path}/signing"\nallowed_signers = "{tmp_path}/signers"\n' if signed else ""
    made = site(f'account = "dsas"\nidentity = "{tmp_path}/daemon"\n{signing}')
    made.run("before", "enroll", "*")
    made.run("before", "push")
    again = "notice: enrolled by another release: w[1-3]; with your own login: matrix enroll 'w[1-3]'"
    assert again not in made.run("now", "status", status=3), "none of them has said so yet"
    upgrade_with_a_running_daemon(made)
    made.run("now", "push")
    assert again in made.run("now", "status")
    made.run("now", "enroll", "*")
    assert "another release" not in made.run("now", "status")
    new = made.watch("now")
    made.await_reason(made.edit())
    made.end(new)
    made.edit()
    assert "updated         3" in made.run("now", "push")
    assert "current         3" in made.run("now", "status", "--live")
    fleets = {entry["fleet"] for entry in json.loads(made.run("now", "history", "--all", "--json"))}
    assert len(fleets - {""}) == 1, "a daemon of the release before makes generations of no fleet in between"
    made.edit()
    assert "names none" in made.run("before", "push", status=3)
    assert "updated         3" in made.run("now", "push")


def test_an_origin_of_the_release_before_goes_on_with_hosts_that_were_enrolled_by_this_one(
    site: Callable[[str], Site], tmp_path: Path
) -> None:
    new_key(tmp_path / "daemon")
    made = site(f'account = "dsas"\nidentity = "{tmp_path}/daemon"\n')
    made.run("now", "enroll", "*")
    assert "updated         3" in made.run("before", "push")
    made.edit()
    assert "updated         3" in made.run("before", "push")


def new_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True)
