"""Hosts that are not as others: a clock in 1970, and nothing but busybox."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

SITE = """\
@matrix 1
@default ssh.port={port} ssh.user=root
[ps]
"""


class SmallOrigin:
    """A MATRIX of a few hosts, and the command `matrix` for it."""

    def __init__(self, folder, hosts, port, identity, known_hosts):
        self.folder = folder
        folder.mkdir()
        self.matrix = folder / "MATRIX"
        lines = [f"    {name}  {address}\n" for name, address in hosts.items()]
        self.matrix.write_text(SITE.format(port=port) + "".join(lines))
        (folder / "matrix.toml").write_text(
            f'[ssh]\nidentity = "{identity}"\nknown_hosts = "{known_hosts}"\nconfig = "/dev/null"\nagent = false\n'
            "[push]\nlocal = false\n"
        )

    def run(self, *arguments):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": str(self.folder)}
        done = subprocess.run(
            [sys.executable, "-m", "matrix_console", *arguments], cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def note(self, text):
        with self.matrix.open("a") as file:
            file.write(f"# {text}\n")


def test_a_host_whose_clock_is_in_1970_is_served_as_any_other(tmp_path):
    require("root", "sshd", "faketime")
    preload = subprocess.run(
        ["faketime", "-f", "+0s", "sh", "-c", "echo $LD_PRELOAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    # Every program that sshd starts on these hosts sees a clock of 1970. The kernel's own stamps, and sshd, do not.
    clock = f'SetEnv LD_PRELOAD={preload} "FAKETIME=@1970-01-02 00:00:00" FAKETIME_DONT_RESET=1\n'
    with SshdFleet(2, sshd_config=clock) as fleet:
        year = subprocess.run(
            ["ssh", "-F", str(fleet.ssh_config), "h1", "date +%Y"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        assert year.stdout == "1970\n"
        origin = SmallOrigin(
            tmp_path / "site", {n: fleet.address(n) for n in fleet.names}, 2222, fleet.identity, fleet.known_hosts
        )
        assert "updated" in origin.run("push")
        for number in (2, 3):
            origin.note(number)
            origin.run("push")
            asked = fleet.run("h1", "sh", "-euc", ". /etc/dsas.conf; echo $DSAS_GENERATION; dsas_hosts ps")
            assert asked.stdout == f"{number}\nh1 h2\n".encode() or asked.stdout == f"{number}\nh1\nh2\n".encode()
        fleet.write("h1", "/etc/dsas.conf", b"by hand\n")
        assert "updated" in origin.run("push")
        assert "current" in origin.run("status", "--live")


SYSTEM = os.environ["PATH"] + ":/usr/sbin:/sbin"
CHROOT = shutil.which("chroot", path=SYSTEM) or "chroot"


def copy_with_libraries(program, root):
    """Put a program and the libraries that it is linked with under a root."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = [word for line in said.splitlines() for word in line.split() if word.startswith("/")]
    for path in [program, *paths]:
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)


class BusyboxHost:
    """A root folder with busybox and dropbear, and nothing else; served on a loopback address."""

    def __init__(self, root):
        self.root = root
        self.address = "127.0.0.1"
        busybox, dropbear = shutil.which("busybox"), shutil.which("dropbear", path=SYSTEM)
        for program in (busybox, dropbear):
            copy_with_libraries(program, root)
        for folder in ("bin", "etc/dropbear", "root/.ssh", "var/lib", "tmp", "dev"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        inside = busybox if busybox.startswith("/bin") else "/bin/busybox"
        if inside != busybox:
            shutil.copy(busybox, root / "bin/busybox")
        subprocess.run([CHROOT, str(root), inside, "--install", "-s", "/bin"], check=True)
        os.mknod(root / "dev/null", 0o20666, os.makedev(1, 3))
        (root / "dev/null").chmod(0o666)
        (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (root / "etc/group").write_text("root:x:0:\n")
        (root / "etc/shells").write_text("/bin/sh\n")
        (root / "root").chmod(0o700)
        key = root / "etc/dropbear/key"
        made = subprocess.run(
            ["dropbearkey", "-t", "ed25519", "-f", str(key)], capture_output=True, text=True, check=True
        ).stdout
        self.public = next(line for line in made.splitlines() if line.startswith("ssh-ed25519 "))
        self.program = dropbear
        with socket.socket() as probe:
            probe.bind((self.address, 0))
            self.port = probe.getsockname()[1]

    def __enter__(self):
        listen = f"{self.address}:{self.port}"
        # -F -E: stay in the foreground, log to standard error; -s: no passwords.
        command = [CHROOT, str(self.root), self.program, "-F", "-E", "-s", "-p", listen, "-r", "/etc/dropbear/key"]
        command += ["-P", "/tmp/pid"]
        self.process = subprocess.Popen(command, env={"PATH": "/bin"}, stderr=subprocess.PIPE, process_group=0)
        end = time.monotonic() + 10
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((self.address, self.port)) == 0:
                    return self
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.05)

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def run(self, script):
        done = subprocess.run(
            [CHROOT, str(self.root), "/bin/sh", "-euc", script], capture_output=True, text=True, check=False,
            env={"PATH": "/bin"}, timeout=20,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.needs("root", "busybox", "dropbear", "ssh-keygen", "ldd")
def test_a_host_with_busybox_and_dropbear_and_nothing_else(tmp_path):
    identity = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(identity)], check=True)
    with BusyboxHost(tmp_path / "root") as host:
        (host.root / "root/.ssh/authorized_keys").write_text(Path(f"{identity}.pub").read_text())
        for path in ("root/.ssh/authorized_keys", "root/.ssh"):
            (host.root / path).chmod(0o700 if path.endswith(".ssh") else 0o600)
        known = tmp_path / "known_hosts"
        known.write_text(f"[{host.address}]:{host.port} {host.public}\n")
        programs = [path for path in host.root.glob("**/*bin/*") if not path.is_symlink()]
        tools = {path.name for path in programs}
        assert tools == {"busybox", "dropbear"}, "no other program is there"
        origin = SmallOrigin(tmp_path / "site", {"b1": host.address}, host.port, identity, known)
        assert "updated" in origin.run("push", "--canary", "1")
        for number in range(2, 8):
            origin.note(number)
            origin.run("push")
        assert host.run(". /etc/dsas.conf; echo $DSAS_GENERATION; dsas_hosts ps") == "7\nb1\n"
        assert len(list((host.root / "var/lib/dsas/generations").iterdir())) == 5
        (host.root / "etc/dsas.conf").write_text("by hand\n")
        assert "dsas.conf" in host.run("sh /var/lib/dsas/install.sh query")
        assert "repaired" in host.run("sh /var/lib/dsas/install.sh repair")
        assert "current" in origin.run("status", "--live")
        files = {str(path.relative_to(host.root / "etc")) for path in (host.root / "etc").rglob("*dsas*")}
        assert not any("new" in name for name in files)
