"""Real sshd hosts that have been enrolled, and the key of a daemon in the hands of anybody."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.conversation import Reach
from matrix_distributor.dialogue import Command, Dialogue, Reply, Target
from matrix_distributor.enroll import Enrolled, Enrollment
from matrix_distributor.enroll import enroll as enroll_hosts
from matrix_distributor.generation import Generation
from matrix_distributor.signing import Signer
from matrix_distributor.transport import Pool, SSHOptions

OWN_KEYS = "Match User dsas\nAuthorizedKeysFile .ssh/authorized_keys\nMatch all\n"


def new_key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "daemon@adm1", "-f", path], check=True)
    return path


@dataclass
class Site:
    """Hosts, the ordinary login to them, and the daemon's key."""

    hosts: SshdFleet
    key: Path

    @property
    def public(self) -> str:
        return Path(f"{self.key}.pub").read_text().strip()

    def target(self, name: str) -> Target:
        return Target(name, self.hosts.address(name))

    def pool(self, user: str = "root") -> Pool:
        """Connections as root by the ordinary key, or as the account by the daemon's."""
        key = self.hosts.identity if user == "root" else self.key
        options = SSHOptions(
            config=self.hosts.ssh_config, identities=(key,), known_hosts=(self.hosts.known_hosts,), user=user,
            agent=False,
        )  # fmt: skip
        return Pool(options)

    def enroll(self, *names: str, dry: bool = False, signers: bytes | None = None, **fields: object) -> list[Enrolled]:
        enrollment = Enrollment((self.public,), signers=signers, **fields)  # type: ignore[arg-type]
        targets = [self.target(name) for name in names]
        with self.pool() as pool:
            return list(enroll_hosts(enrollment, targets, Reach(pool), dry=dry))

    def enter(
        self, host: str, words: str | None, stdin: bytes = b"", options: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """What somebody who holds the daemon's key gets with OpenSSH's client."""
        login = ["ssh", "-F", str(self.hosts.ssh_config), "-i", str(self.key), "-l", "dsas", *options, host]
        command = [*login, *([] if words is None else [words])]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=30, check=False)

    def say(self, host: str, *commands: Command) -> list[Reply]:
        """The same over one connection."""

        def dialogue() -> Dialogue[list[Reply]]:
            replies = []
            for command in commands:
                replies.append((yield command))
            return replies

        with self.pool("dsas") as pool:
            ((_, answer),) = pool.converse([(self.target(host), dialogue())])
        assert isinstance(answer, list), answer
        return answer

    def send(self, host: str, made: Generation, archive: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """A generation through the daemon's key, or another stream under its name."""
        return self.enter(host, f"dsas install {made.number} {made.digest} {host}", archive or made.archive)

    def state(self, host: str) -> str:
        return self.enter(host, "dsas query").stdout.decode().split()[-1]

    @staticmethod
    def environment() -> dict[str, str]:
        """That of a process which finds the project where this one does."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def command(self, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """The command `matrix`."""
        line = [sys.executable, "-m", "matrix_console", *words, "-f", str(folder)]
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=self.environment())

    def as_account(self, host: str, line: str) -> subprocess.CompletedProcess[bytes]:
        """What a process of the account could do, had it escaped from the gate."""
        return self.hosts.run(host, "su", "-s", "/bin/sh", "dsas", "-c", line)

    def on(self, host: str, line: str) -> str:
        """What root sees on the host."""
        done = self.hosts.run(host, "sh", "-c", line)
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout.decode()


@pytest.fixture(scope="session")
def _sshd_hosts() -> Iterator[SshdFleet]:
    require("root", "sshd", "ssh", "ssh-keygen", "sudo", "visudo")
    with SshdFleet(["w1", "w2", "w3"], sshd_config=OWN_KEYS) as hosts:
        yield hosts


@pytest.fixture
def site(_sshd_hosts: SshdFleet, tmp_path: Path) -> Iterator[Site]:
    """Three hosts on which nothing was enrolled or installed yet."""
    made = Site(_sshd_hosts, new_key(tmp_path / "daemon"))
    yield made
    wipe = (
        "userdel -f dsas >/dev/null 2>&1; rm -rf /etc/dsas /etc/dsas.* /etc/sudoers.d/dsas /etc/evil /root/evil; "
        "find /var/lib/dsas -mindepth 1 -delete"
    )
    for name in _sshd_hosts.names:
        made.on(name, f"{shlex.join(['sh', '-c', wipe])} || :")


@pytest.fixture
def enrolled(site: Site) -> Site:
    """The first of them is enrolled, without signers."""
    (done,) = site.enroll("w1")
    assert done.status == "enrolled", done
    return site


@pytest.fixture(params=["perl", "coreutils", "busybox"])
def receiver(enrolled: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The first of them is enrolled, and has perl, or no perl, or no perl and the tools of busybox."""
    if request.param == "busybox":
        require("busybox")
        tools = "mkdir -p /run/tools && busybox --install -s /run/tools && mount --bind /run/tools /usr/local/bin"
        enrolled.on("w1", f"{tools} && {{ [ ! -e /usr/local/bin/perl ] || exit 1; }}")
    if request.param != "perl":
        enrolled.on("w1", "mount --bind /dev/null /usr/bin/perl")
    yield enrolled
    if request.param != "perl":
        enrolled.on(
            "w1", "umount /usr/bin/perl; ! mountpoint -q /usr/local/bin || umount /usr/local/bin; rm -rf /run/tools"
        )


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    from matrix_distributor.signing import load_signer

    return load_signer(new_key(tmp_path / "signing"))


@pytest.fixture
def signed_only(site: Site, signer: Signer) -> Site:
    """The first of them is enrolled, and takes nothing that `signer` has not signed."""
    (done,) = site.enroll("w1", signers=f"{signer.allowed_signer}\n".encode())
    assert done.status == "enrolled", done
    return site


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Callable[[str], Path]:
    """Writes a MATRIX of the hosts w1 and w2 with settings; gives its folder."""

    def write(settings: str = "") -> Path:
        made = tmp_path / "site"
        made.mkdir(exist_ok=True)
        lines = "".join(f"{name} {site.hosts.address(name)} [ps]\n" for name in ("w1", "w2"))
        (made / "MATRIX").write_text(f"@matrix 1\n{lines}")
        ssh = f'config = "{site.hosts.ssh_config}"\nknown_hosts = "{site.hosts.known_hosts}"\nagent = false\n'
        own = f'identity = "{site.hosts.identity}"\n[push]\nidentity = "{site.key}"\nlocal = false\n'
        (made / "matrix.toml").write_text(f"[ssh]\n{ssh}{own}{settings}")
        return made

    return write
