"""The process that holds a fleet of real sshd hosts. Ends them all when its standard input ends.

Every host is an sshd that is process 1 of namespaces of its own (mounts, host name, processes), so that killing it is a
power cut: all that ran on the host is gone with it. Their private files lie on a tmpfs that only this process and its
children see, so nothing is left behind however this ends.

Requests are JSON objects, a line each: `{"do": "fault", "mode": "hang", "hosts": ["h1"]}`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import sshd_fleet_faults as faults
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sshd_fleet_kernel import (
    BIND,
    READ_ONLY,
    REMOUNT,
    die_with_parent,
    fork_into_namespaces,
    leave_mounts,
    mount,
    set_host_name,
    unmount,
)

PORT = 2222
BEHIND = 2223
"""Where sshd listens when a fault stands in front of it."""

SMALL = "size=64k"

SSHD_CONFIG = """\
ListenAddress {address}:{port}
HostKey /etc/ssh/{host_key}
AuthorizedKeysFile /etc/ssh/fleet_authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
LogLevel ERROR
MaxStartups 200
MaxSessions 50
PidFile none
Subsystem sftp internal-sftp
"""


def new_key(path: Path) -> str:
    """Write a fresh key pair as ssh-keygen would, and give its public half."""
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    Path(f"{path}.pub").write_text(public + "\n")
    return public


def pages_of(folder: Path) -> int:
    """The pages of a tmpfs that a folder's files take."""
    return sum(-(-path.stat().st_size // 4096) if path.is_file() else 1 for path in folder.rglob("*"))


@dataclass
class Host:
    name: str
    address: str
    folder: Path
    extra: str
    authorized: str
    mode: str = "ok"
    pids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for sub in ("etc/up/ssh", "root", "tmp", "vartmp", "run/sshd", "srv", "lib"):
            (self.folder / sub).mkdir(parents=True)
        (self.folder / "tmp").chmod(0o1777)
        (self.folder / "vartmp").chmod(0o1777)
        (self.folder / "root").chmod(0o700)
        self.public = new_key(self.folder / "etc/up/ssh/ssh_host_ed25519_key")
        new_key(self.folder / "etc/up/ssh/other_key")

    @property
    def fault(self) -> str:
        return self.mode.partition(":")[0]

    @property
    def amount(self) -> int:
        return int(self.mode.partition(":")[2] or 64)

    def power_on(self) -> None:
        """Start what the mode asks for: the sshd, what stands before it, or what stands in its place."""
        here, behind = (self.address, PORT), (self.address, BEHIND)
        if self.fault == "refuse":
            return
        if self.fault == "hang":
            self._fork(lambda: faults.say_nothing(here))
            return
        if self.fault == "blackhole":
            self._fork(lambda: faults.drop_everything(here))
            return
        self._configure()
        if pid := fork_into_namespaces():
            self.pids.append(pid)
        else:
            self._become_host()
        if self.fault == "cut":
            self._fork(lambda: faults.cut(here, behind, self.amount * 1024))
        elif self.fault == "slow":
            self._fork(lambda: faults.delay(here, behind, self.amount / 1000))

    def power_off(self) -> None:
        """Cut the power."""
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)
        self.pids.clear()

    def _fork(self, run: object) -> None:
        pid = os.fork()
        if pid:
            self.pids.append(pid)
            return
        try:
            self._begin()
            assert callable(run)
            run()
        finally:
            os._exit(1)

    def _begin(self) -> None:
        os.setsid()
        die_with_parent()
        log = os.open(self.folder / "sshd.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open("/dev/null", os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(log, 2)
        os.closerange(3, 1024)

    def _configure(self) -> None:
        etc = self.folder / "etc/up/ssh"
        lines = SSHD_CONFIG.format(
            address=self.address,
            port=BEHIND if self.fault in ("cut", "slow") else PORT,
            host_key="other_key" if self.fault == "wrongkey" else "ssh_host_ed25519_key",
        )
        if self.fault == "hangcmd":
            lines += "ForceCommand sleep 86400\n"
        (etc / "sshd_config").write_text(self.extra + lines)
        (etc / "fleet_authorized_keys").write_text("" if self.fault == "denied" else self.authorized)
        work = self.folder / "etc/work"
        shutil.rmtree(work, ignore_errors=True)  # overlayfs wants it unused
        work.mkdir()

    def _become_host(self) -> None:
        try:
            self._begin()
            self._mount_private()
            set_host_name(self.name)
            os.chdir("/")
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
            os.execve("/usr/sbin/sshd", ["/usr/sbin/sshd", "-D", "-e"], environment)
        except BaseException as error:  # noqa: BLE001 – the log is all that is left to tell it to
            os.write(2, f"{self.name}: {error}\n".encode())
        finally:
            os._exit(1)

    def _mount_private(self) -> None:
        folder = self.folder
        etc = folder / "etc"
        if self.fault == "full":
            etc = folder / "small"
            etc.mkdir(exist_ok=True)
            mount("tmpfs", etc, "tmpfs", options=f"size={max(64, pages_of(folder / 'etc/up') * 4 + 24)}k")
            shutil.copytree(folder / "etc/up", etc / "up")
            (etc / "work").mkdir()
        read_only = READ_ONLY if self.fault == "ro" else 0
        layers = f"lowerdir=/etc,upperdir={etc}/up,workdir={etc}/work"
        mount("overlay", Path("/etc"), "overlay", read_only, layers)
        for place, own in (("/srv/host", "srv"), ("/var/lib/dsas", "lib")):
            if self.fault == "full":
                mount("tmpfs", Path(place), "tmpfs", options=SMALL)
                continue
            mount(folder / own, Path(place), flags=BIND)
            if read_only:
                mount(None, Path(place), flags=REMOUNT | BIND | READ_ONLY)
        mount("proc", Path("/proc"), "proc")
        for own, place in (("root", "/root"), ("vartmp", "/var/tmp"), ("run", "/run"), ("tmp", "/tmp")):
            mount(folder / own, Path(os.path.realpath(place)), flags=BIND)


class Fleet:
    def __init__(self, settings: dict[str, object]) -> None:
        self.root = Path(str(settings["root"]))
        self.claim, block = claim_block()
        names = settings["names"]
        assert isinstance(names, list)
        leave_mounts()
        for place in ("/srv/host", "/var/lib/dsas"):
            # A tmpfs over the parent, so that the place can be made without leaving it on this machine.
            private_folder(Path(place))
        self.private = self.root / "hosts"
        self.private.mkdir()
        mount("tmpfs", self.private, "tmpfs", options="size=8g,mode=755")
        public = new_key(self.root / "id_ed25519")
        self.hosts = {
            name: Host(
                name,
                f"127.{block}.{number // 250}.{number % 250 + 1}",
                self.private / name,
                str(settings["sshd_config"]),
                public + "\n",
            )
            for number, name in enumerate(names)
        }
        self.write_known_hosts()
        for host in self.hosts.values():
            host.power_on()
        self.wait([*self.hosts.values()])

    def write_known_hosts(self) -> None:
        lines = [f"[{h.address}]:{PORT} {h.public}\n" for h in self.hosts.values() if h.fault != "nokey"]
        temporary = self.root / "known_hosts.new"
        temporary.write_text("".join(lines))
        temporary.rename(self.root / "known_hosts")

    def fault(self, mode: str, names: list[str]) -> None:
        changed = [self.hosts[name] for name in names]
        for host in changed:
            host.power_off()
            host.mode = mode
        self.write_known_hosts()
        for host in changed:
            host.power_on()
        self.wait(changed)

    def wait(self, hosts: list[Host]) -> None:
        """Until all that should listen do."""
        wanted = {host.address: host for host in hosts if host.fault != "refuse"}
        until = time.monotonic() + 30
        while missing := wanted.keys() - listening_addresses():
            for address in missing:
                pid = wanted[address].pids[0]
                if os.waitpid(pid, os.WNOHANG)[0]:
                    wanted[address].pids.remove(pid)
                    log = (wanted[address].folder / "sshd.log").read_text()
                    raise RuntimeError(f"{wanted[address].name} did not start: {log}")
            if time.monotonic() > until:
                raise RuntimeError(f"not listening after 30 s: {sorted(missing)}")
            time.sleep(0.02)

    def state(self) -> dict[str, object]:
        return {
            "pid": os.getpid(),
            "hosts": {
                host.name: {
                    "address": host.address,
                    "mode": host.mode,
                    "pid": host.pids[0] if host.pids else 0,
                    "host_key": host.public,
                }
                for host in self.hosts.values()
            },
        }

    def close(self) -> None:
        for host in self.hosts.values():
            host.power_off()
        unmount(self.private)
        shutil.rmtree(self.root)
        self.claim.close()


def claim_block() -> tuple[socket.socket, int]:
    """A block of addresses 127.N.0.0/16 that no other fleet uses, held by a socket that is bound in it."""
    for block in range(80, 127):
        claim = socket.socket()
        try:
            claim.bind((f"127.{block}.255.254", PORT))
        except OSError:
            claim.close()
            continue
        return claim, block
    raise RuntimeError("all blocks of addresses for fleets are taken")


def private_folder(place: Path) -> None:
    """Make a mount point without leaving a folder on the machine: on a tmpfs, where the parent has nothing to lose."""
    if place.exists():
        return
    parent = place.parent
    kept = list(parent.iterdir())
    below = Path(f"/proc/self/fd/{os.open(parent, os.O_RDONLY | os.O_DIRECTORY)}")
    mount("tmpfs", parent, "tmpfs", options="size=1m,mode=755")
    for entry in kept:
        if entry.is_dir() and not entry.is_symlink():
            (parent / entry.name).mkdir()
            mount(below / entry.name, parent / entry.name, flags=BIND)
    place.mkdir()


def listening_addresses() -> set[str]:
    """Addresses with a listener on PORT (/proc/net/tcp, proc(5))."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        address, port = words[1].split(":")
        if words[3] == "0A" and int(port, 16) == PORT:
            found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]))
    return found


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, whose end ends our standard input
    fleet = Fleet(json.loads(sys.stdin.readline()))
    try:
        print(json.dumps(fleet.state()), flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            fleet.fault(request["mode"], request["hosts"])
            print(json.dumps(fleet.state()), flush=True)
    except BrokenPipeError:
        pass
    finally:
        fleet.close()


if __name__ == "__main__":
    main()
