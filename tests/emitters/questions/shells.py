"""The shells that the sh binding is for, and how a test runs a script in one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

SHELLS: Final = {
    "dash": ("dash",),
    "bash": ("bash",),
    "bash-posix": ("bash", "--posix"),
    "busybox": ("busybox", "ash"),
    "zsh": ("zsh", "-f"),
    "mksh": ("mksh",),
    "ksh": ("ksh93",),
}
"""Each by the name that a test shows; the first word is the command that must be installed."""


def run(
    shell: str, script: str, environment: dict[str, str] | None = None, login: bool = False
) -> tuple[int, str, str]:
    """Status, output and errors of a script in an empty environment but for PATH and what is given.

    A login shell reads the profile of the HOME that is given.
    """
    words = [word for word in SHELLS[shell] if word != "-f"] + ["-l"] if login else SHELLS[shell]
    done = subprocess.run(
        [*words, "-c", script],
        env={"PATH": os.environ["PATH"], **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def source(root: Path) -> str:
    """The lines that a script starts with to use the binding below `root`."""
    return f"DSAS_DIR='{root}/etc/dsas.d'\n. '{root}/etc/dsas.conf'\n"
