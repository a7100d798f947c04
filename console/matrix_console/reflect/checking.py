"""The check of an entry, run on this very machine on a staged copy."""

from __future__ import annotations

import os
import posixpath
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matrix_emitters.reflection.model import Reflected

NOT_FOUND = 127
"""What a shell says of a command that it does not find (POSIX, 2.8.2)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check said. `cause` is empty when it took the file."""

    hosts: tuple[str, ...]
    cause: str
    output: str


def check_here(file: Reflected, limit: float) -> Checked:
    """Have a file checked by its entry's own line, as on a host; `limit` in seconds bounds it."""
    with tempfile.TemporaryDirectory(prefix="matrix-reflect.") as folder:
        staged = Path(folder, posixpath.basename(file.entry.path))
        staged.write_bytes(file.content)
        staged.chmod(file.entry.mode)
        cause, output = _run(file.entry.check.replace("%s", '"$DSAS_STAGED"'), staged, limit)
    return Checked(file.hosts, cause, output)


def _run(line: str, staged: Path, limit: float) -> tuple[str, str]:
    path = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    try:
        done = subprocess.run(  # noqa: S603 - the check of matrix.toml is a command of the site's own
            ["sh", "-c", line],  # noqa: S607 - as that command names programs
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, check=False,
            env={**os.environ, "PATH": path, "DSAS_STAGED": str(staged)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it did not end within {limit:g} s", ""
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode == NOT_FOUND:
        return "its program is not installed here; --apply asks that of each host", output
    return (f"it ended with status {done.returncode}" if done.returncode else ""), output
