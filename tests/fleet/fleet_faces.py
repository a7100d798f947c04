"""Both faces of FORALL, SYNCALL and DIFFALL on a real host: the sh functions of a push, and the installed commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from sshd_fleet import PORT, SshdFleet

from matrix_emitters.bindings import build
from matrix_grammar import Fleet

ROOT = Path(__file__).parents[2]
PACKAGES = ":".join(
    str(ROOT / package) for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
)

ENVIRONMENT = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DSAS_SELF": "h1"}

MARK = "this machine, without SSH: h1"
"""How the line at the end tells what needed no SSH."""

SHELLS = {
    "dash": '. /etc/dsas.conf; "$@"',
    "bash": 'exec bash /etc/dsas.d/fleet.sh "$@"',
    "busybox": 'exec busybox sh /etc/dsas.d/fleet.sh "$@"',
}
"""As functions in sh, which is dash here, and the program behind them in others."""

DRIVER = """
import ctypes, json, os, sys, tempfile
OPEN_TREE, MOVE_MOUNT, CLONE, WITH_ALL_BELOW, THE_DESCRIPTOR, NEW_MOUNTS = 428, 429, 1, 0x8000, 4, 0x20000
libc = ctypes.CDLL(None, use_errno=True)

def done(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

pid, *needed = sys.argv[1:]
trees = [done(libc.syscall(OPEN_TREE, -100, path.encode(), CLONE | WITH_ALL_BELOW)) for path in needed]
for space in [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in ("uts", "pid", "mnt")]:
    done(libc.setns(space, 0))
done(libc.unshare(NEW_MOUNTS))
for path, tree in zip(needed, trees):
    if not os.path.isdir(path):
        os.makedirs(path)
        done(libc.syscall(MOVE_MOUNT, tree, b"", -100, path.encode(), THE_DESCRIPTOR))
os.chdir("/root")
from matrix_console import main
for request in sys.stdin:
    words, given = json.loads(request)
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        stdin.write(given.encode())
        stdin.seek(0)
        pid = os.fork()
        if not pid:
            for number, file in enumerate((stdin, out, err)):
                os.dup2(file.fileno(), number)
            sys.argv = words
            getattr(main, words[0].lower())()
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        told = [os.pread(file.fileno(), 1 << 24, 0).decode("utf-8", "surrogateescape") for file in (out, err)]
    print(json.dumps([status, *told]), flush=True)
"""
"""The installed commands, imported once and forked for each call. Where the host has a /root or /tmp of its own, Python
or this repository may lie behind it: it brings them, as mounts that it alone sees (open_tree(2), move_mount(2))."""


def bring(hosts: SshdFleet, fleet: Fleet, text: str) -> None:
    """Put the sh binding on h1, with a key for the other hosts, and a MATRIX for the installed commands."""
    for artifact in build(fleet, 1, only=["sh"]):
        hosts.path("h1", artifact.path).parent.mkdir(parents=True, exist_ok=True)
        hosts.write("h1", artifact.path, artifact.content)
    hosts.write("h1", "/etc/dsas.d/self", b"h1\n")
    hosts.path("h1", "/root/.ssh").mkdir(mode=0o700, exist_ok=True)
    hosts.write("h1", "/root/.ssh/id_ed25519", hosts.identity.read_bytes())
    hosts.path("h1", "/root/.ssh/id_ed25519").chmod(0o600)
    hosts.write("h1", "/root/.ssh/known_hosts", hosts.known_hosts.read_bytes())
    fast = "KexAlgorithms curve25519-sha256\n"  # OpenSSH's default costs 70 ms of CPU a connection
    hosts.write("h1", "/root/.ssh/config", f"Port {PORT}\nUpdateHostKeys no\n{fast}".encode())
    hosts.write("h1", "/root/MATRIX", text.encode())


def call_face(
    hosts: SshdFleet, shell: str, *words: str, stdin: str = "", ctrl_c: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run one of the three on h1 by a shell, in the folder /root.

    With so many Ctrl-C, the first when a line of output has come, and each further when the one before was answered.
    """
    start = f"cd /root && {SHELLS[shell]}"
    with subprocess.Popen(
        [*inside(hosts), "sh", "-c", start, "sh", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True, text=True, errors="surrogateescape",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            begun, answered = process.stdout.readline() if ctrl_c else "", ""
            for _ in range(ctrl_c):
                os.killpg(process.pid, signal.SIGINT)
                answered += process.stderr.readline()
            out, err = process.communicate(stdin, timeout=90)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(list(words), process.returncode, begun + out, answered + err)


class Installed:
    """The installed commands, run on h1 in the folder /root. A context manager."""

    def __init__(self, hosts: SshdFleet) -> None:
        needed = [str(ROOT), sys.prefix, sys.base_prefix]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", DRIVER, str(hosts.pid("h1")), *needed],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT | {"PYTHONPATH": PACKAGES},
        )  # fmt: skip

    def __enter__(self) -> Installed:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def call(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of the three."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([words, stdin]) + "\n")
        self._process.stdin.flush()
        status, out, err = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(list(words), status, out, err)


def inside(hosts: SshdFleet) -> list[str]:
    return ["nsenter", "-t", str(hosts.pid("h1")), "-m", "-u", "-p", "--wd=/root"]


def last(done: subprocess.CompletedProcess[str]) -> str:
    """The line at the end, without the mark of h1, which is the machine itself."""
    return done.stderr.splitlines()[-1].removesuffix(f", {MARK}")
