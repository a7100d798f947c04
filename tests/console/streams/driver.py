"""Runs the installed commands with streams, environments and disks as they are asked for; a program of its own.

A request is a line of JSON on standard input, its answer a line on standard output. The commands are imported once and
forked for each request, or with `fresh` started anew. What a child has to say goes to files, so that nobody waits for a
reader; its disks are mounts in a namespace of its own.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib
import json
import os
import pty
import signal
import socket
import struct
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click
from command_child import become, take_streams

PATIENCE = 60.0
"""Seconds that a command may take before it counts as one that hangs."""

START = """\
import importlib, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.close({mark})
sys.path[:] = {path!r}
room, function = {place!r}
sys.argv = {words!r}
getattr(importlib.import_module(room), function)()
"""

_CLONE_NEWNS, _MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC_PRIVATE = 0x20000, 1, 32, 4096, 0x4000 | 1 << 18


def place_of(program: str) -> tuple[str, str]:
    """Room and function of an installed command."""
    if program == "dmetad":
        return "matrix_dmetad", "main"
    return "matrix_console.entry", program.lower()


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run one command; `status` is as of subprocess, -9 where it did not end; `seconds` since it began."""
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with suppress(FileNotFoundError):
        os.unlink(request["notify"])
    ready.bind(request["notify"])
    ready.settimeout(0.02)
    master = -1
    if "terminal" in request["streams"].values():
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    begins, mark = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            for unused in (begins, master):
                if unused >= 0:
                    os.close(unused)
            _become(request, slave if master >= 0 else -1, mark)
        except BaseException:  # noqa: BLE001 - nothing of the child goes on as the parent
            sys.excepthook(*sys.exc_info())
            os._exit(97)
    shown = b""
    if master >= 0:
        os.close(slave)
        os.set_blocking(master, False)
    os.close(mark)
    os.read(begins, 1)  # the interpreter has started: what a signal does before that is none of the command's
    os.close(begins)
    begun = time.monotonic()
    interrupt = None if request["interrupt"] is None else begun + request["interrupt"]
    asked = False
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        with suppress(OSError):
            while master >= 0 and (chunk := os.read(master, 1 << 16)):
                shown += chunk
        if done:
            break
        now = time.monotonic()
        if now > begun + PATIENCE:
            os.kill(pid, signal.SIGKILL)
        elif interrupt is not None and now >= interrupt:
            os.kill(pid, signal.SIGINT)
            interrupt = None
        elif request["serves"] and not asked:
            with suppress(TimeoutError):
                if b"READY=1" in ready.recv(4096):
                    os.kill(pid, signal.SIGTERM)
                    asked = True
            continue
        time.sleep(0.002)
    ready.close()
    if master >= 0:
        os.close(master)
    return {"status": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - begun, "shown": shown.decode()}


def _become(request: dict[str, Any], terminal: int, mark: int) -> NoReturn:
    """What a fork does: it becomes the command as it was asked for."""
    os.chdir(request["folder"])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for kind, place in request["disks"]:
        _cover(Path(place), kind)
    os.environ.clear()
    os.environ.update(request["environment"])
    if request["nameless"]:
        _without_names()
    for number in range(3):
        _stream(number, request["streams"][str(number)], terminal)
    words = request["words"]
    place = place_of(words[0])
    if request["fresh"]:
        os.set_inheritable(mark, True)
        program = START.format(path=sys.path, place=place, words=words, mark=mark)
        os.execv(sys.executable, [sys.executable, "-c", program])
    take_streams([number for number in range(3) if request["streams"][str(number)] == "closed"])
    sys.argv = words
    room, function = place
    os.close(mark)
    become(getattr(sys.modules[room], function))


def _stream(number: int, kind: str, terminal: int) -> None:
    """One of the streams: closed, the terminal, a pipe that nobody reads, or a file by its path."""
    if kind == "closed":
        os.close(number)
        return
    if kind == "gone":
        reading, opened = os.pipe()
        os.close(reading)
    elif kind == "terminal":
        opened = terminal
    else:
        opened = os.open(kind, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(opened, number)


def _own_mounts() -> ctypes.CDLL:
    """The C library, in a namespace of its own whose mounts nobody else sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) or libc.mount(b"none", b"/", None, _MS_REC_PRIVATE, None):
        raise OSError(ctypes.get_errno(), "no mount namespace of its own")
    return libc


def _without_names() -> None:
    """No user and no group has a name, as in a container that is started with a uid."""
    libc = _own_mounts()
    for table in (b"/etc/passwd", b"/etc/group"):
        if libc.mount(b"/dev/null", table, None, _MS_BIND, None):
            raise OSError(ctypes.get_errno(), "no other passwd")


def _cover(folder: Path, kind: str) -> None:
    """A small disk in the place of a folder, with what is in it: read-only, or without room for a byte or a file."""
    held = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder.exists() else {}
    libc = _own_mounts()
    place, room = os.fsencode(folder), sum(-(-len(content) // 4096) + 2 for content in held.values()) + 64
    options = f"size={room * 4096},nr_inodes={len(held) + 64},mode=0755".encode()
    if libc.mount(b"tmpfs", place, b"tmpfs", 0, options):
        raise OSError(ctypes.get_errno(), f"no small disk at {folder}")
    for path, content in held.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
    if kind == "read-only":
        libc.mount(b"tmpfs", place, b"tmpfs", _MS_REMOUNT | _MS_RDONLY, options)
        return
    with suppress(OSError):
        if kind == "no room":
            with open(folder / "filler", "wb", buffering=0) as filler:
                while filler.write(bytes(4096)):
                    pass
        for number in range(10_000):
            (folder / f"filler{number}").touch()


def main() -> None:
    """Answer until nobody asks any more."""
    for name in ("console.entry", "dmetad.serving.server", "distributor.embedded.server"):
        importlib.import_module(f"matrix_{name}")
    for name in ("console", "live", "table"):
        importlib.import_module(f"rich.{name}")
    from matrix_console.main import SECTIONS, matrix

    for verb in (verb for section in SECTIONS.values() for verb in section):
        matrix.get_command(click.Context(matrix), verb)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
