"""The peers: how each is told to copy one file to every host, 64 at once where it can be told so.

All log in with the same key. Each takes its own way of key exchange from OpenSSH's defaults, but for one that is forced
to curve25519, the exchange that matrix uses.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sshd_fleet import SshdFleet

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".peers"
COPIED = "/srv/host/copied-by-"
"""Each peer has a file of its own, since some look first whether it is there already."""


@dataclass(frozen=True)
class Peer:
    """A command line that copies the file; its hosts stand in it as HOSTS, EACH or LIMITS. `slow`: measured once."""

    label: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    slow: bool = False

    def line(self, hosts: list[str]) -> list[str]:
        """The whole command line for some hosts."""
        limits = [word for host in hosts for word in ("--limit", host)]
        spelled = {"HOSTS": [",".join(hosts)], "EACH": hosts, "LIMITS": limits}
        return [word for part in self.command for word in spelled.get(part, [part])]


def prepare() -> Path:
    """The folder of the peers' programs; makes their virtual environment when it is not there."""
    marker = ENVIRONMENT / "installed.txt"
    wanted = (HERE / "peers.txt").read_text()
    if not marker.exists() or marker.read_text() != wanted:
        print("making the peers' environment (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        install = [str(ENVIRONMENT / "bin/pip"), "install", "--quiet", "--requirement", str(HERE / "peers.txt")]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        marker.write_text(wanted)
    return ENVIRONMENT / "bin"


def peers(fleet: SshdFleet, folder: Path, file: Path) -> list[Peer]:
    """Every peer, with what it needs written to `folder`."""
    programs = prepare()
    plain = folder / "ssh_config"  # without the fleet's own choice of a key exchange that is cheap
    lines = fleet.ssh_config.read_text().splitlines(keepends=True)
    plain.write_text("".join(line for line in lines if "KexAlgorithms" not in line))
    (folder / "hosts.ini").write_text("[all]\n" + "".join(f"{name}\n" for name in fleet.names))
    copy = (str(programs / "python"), str(HERE / "peer_copy.py"))
    given = (str(fleet.root), str(file))
    inventory = folder / "inventory.py"
    inventory.write_text(
        f"hosts = [(name, {{'ssh_config_file': {str(plain)!r}, 'ssh_key': {str(fleet.identity)!r}, "
        f"'ssh_known_hosts_file': {str(fleet.known_hosts)!r}}}) for name in {fleet.names!r}]\n"
    )
    return [
        Peer("clush --copy -f 64", _clush(programs, plain, file)),
        Peer("clush, curve25519", _clush(programs, fleet.ssh_config, file)),
        Peer("asyncssh, cat", (*copy, "asyncssh", *given, f"{COPIED}asyncssh", "EACH")),
        Peer("parallel-ssh (libssh2)", (*copy, "parallel-ssh", *given, f"{COPIED}parallel-ssh", "EACH")),
        Peer("fabric", (*copy, "fabric", *given, f"{COPIED}fabric", "EACH")),
        Peer(
            "pyinfra files.put",
            (str(programs / "pyinfra"), "-y", "--parallel", "64", "LIMITS", str(inventory), "files.put",
             f"src={file}", f"dest={COPIED}pyinfra"),
            slow=True,
        ),
        Peer(
            "ansible copy, 50 forks",
            (str(programs / "ansible"), "-i", str(folder / "hosts.ini"), "HOSTS", "-f", "50", "-m", "copy", "-a",
             f"src={file} dest={COPIED}ansible"),
            environment=(("ANSIBLE_SSH_ARGS", f"-F {plain}"), ("ANSIBLE_PIPELINING", "1"),
                         ("ANSIBLE_PYTHON_INTERPRETER", "/usr/bin/python3")),
            slow=True,
        ),
    ]  # fmt: skip


def _clush(programs: Path, config: Path, file: Path) -> tuple[str, ...]:
    ways = ("-O", f"ssh_path=ssh -F {config}", "-O", f"scp_path=scp -F {config}")
    return (
        str(programs / "clush"),
        "-q",
        "-S",
        "-f",
        "64",
        "-w",
        "HOSTS",
        "--copy",
        str(file),
        "--dest",
        f"{COPIED}clush",
        *ways,
    )
