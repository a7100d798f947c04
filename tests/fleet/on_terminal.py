"""The installed commands on a terminal of their own, or between pipes: what comes out, byte for byte.

They are imported once and forked for each call.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRIVER = """
import base64, json, os, pty, select, signal, sys, time
import matrix_distributor, rich.console, rich.live, rich.table
from command_child import become, take_streams
from matrix_console import main
from matrix_dmetad import main as dmetad

def call(words, cwd, environment, terminal, until):
    if terminal:
        pid, out = pty.fork()
        streams, ends = {out: bytearray()}, ()
    else:
        (out, given), (err, told) = os.pipe(), os.pipe()
        pid = os.fork()
        streams, ends = {out: bytearray(), err: bytearray()}, (given, told)
    if not pid:
        for number, end in enumerate(ends, 1):
            os.dup2(end, number)
        if not terminal:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        take_streams()
        os.chdir(cwd)
        os.environ.update(environment)
        sys.argv = words
        become({"matrix": main.main, "FORALL": main.forall, "SYNCALL": main.syncall, "DIFFALL": main.diffall,
                "matrixd": main.matrixd, "dmetad": dmetad}[words[0]])
    for end in ends:
        os.close(end)
    limit, left, asked = time.monotonic() + 60, set(streams), False
    while left:
        ready, _, _ = select.select(left, [], [], max(0, limit - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            break
        for stream in ready:
            try:
                chunk = os.read(stream, 1 << 16)
            except OSError:  # EIO: the other end of the terminal is closed
                chunk = b""
            streams[stream] += chunk
            if not chunk:
                left.discard(stream)
        if until and not asked and any(until.encode() in told for told in streams.values()):
            os.kill(pid, signal.SIGTERM)
            asked = True
    for stream in streams:
        os.close(stream)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), *streams.values(), b""

for line in sys.stdin:
    status, *told = call(**json.loads(line))
    print(json.dumps([status, *(base64.b64encode(each).decode() for each in told[:2])]), flush=True)
"""


@dataclass(frozen=True)
class Told:
    """What a command said; on a terminal all of it is `out`."""

    status: int
    out: bytes
    err: bytes


class OnTerminal:
    """A context manager."""

    def __init__(self, home: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm"}
        environment |= {"COLUMNS": "1000", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def call(
        self,
        words: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        *,
        terminal: bool,
        until: str = "",
    ) -> Told:
        """Run a command to its end; it is asked to end when it has said `until`."""
        request: dict[str, Any] = {"words": list(words), "cwd": str(cwd), "environment": dict(environment)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**request, "terminal": terminal, "until": until}) + "\n")
        self._process.stdin.flush()
        status, out, err = json.loads(self._process.stdout.readline())
        assert status != -9, f"{words} did not end: {out} {err}"
        return Told(status, base64.b64decode(out), base64.b64decode(err))


PROGRESS = re.compile(r"\r|\x1b\[(?:\?25[lh]|[12]?K|1?A)")
COLOURS = re.compile(r"\x1b\[(?:[0-4]|3[0-7]|[0-4];3[0-7])?m")
"""What we ourselves write beside text: cursor movement of progress, and colours."""


def raw(told: bytes) -> str:
    """What is in it that a terminal acts on and that is not our own; raises UnicodeDecodeError where it is no UTF-8."""
    text = COLOURS.sub("", PROGRESS.sub("", told.decode()))
    odd = {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    return "".join(sorted(odd - {"\n", "\t"}))
