"""git as a reader of what a repository holds, which runs nothing that the repository names.

A repository may come from anybody, whole with its configuration, and git runs programs that this names: to fetch what
is missing, to watch files, to convert contents, to ask for passwords. Only plumbing is called that does none of this,
with all of it turned off besides.
"""

from __future__ import annotations

import os
import subprocess
import tempfile

_OFF = {
    "core.sshCommand": "false",
    "core.gitProxy": "none",
    "core.askPass": "",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.alternateRefsCommand": "true",
    "credential.helper": "",
    "protocol.allow": "never",
    "protocol.version": "2",
    "uploadpack.packObjectsHook": "",
    "gpg.program": "false",
    "safe.bareRepository": "explicit",
}
"""Over what the configuration says; see git-config(1). `-c` goes before every file."""

_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "SUDO_UID", "TMPDIR", "LD_LIBRARY_PATH")
"""What git is given of the environment: HOME and SUDO_UID say whose repositories are its owner's (safe.directory)."""


_LARGEST = 256 * 1024**2
"""Bytes of what git tells at once."""
_MOST_SAID = 10_000
"""Bytes of what git says of a failure."""


class RevisionError(Exception):
    """There is no such revision, or no repository; the message says which."""


def git(folder: str, *arguments: str) -> bytes:
    """What a plumbing command of git prints. Raises RevisionError with what it says."""
    off = [word for key, value in _OFF.items() for word in ("-c", f"{key}={value}")]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - words after -- or of our own making
                ["git", "--no-pager", *off, "-C", folder, *arguments],  # noqa: S607 - the git of the caller
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                env=_environment(),
            )
        except FileNotFoundError:
            raise RevisionError("git is not installed") from None
        with process:
            assert process.stdout is not None
            content = process.stdout.read(_LARGEST + 1)  # a small repository may have files and folders without end
            if len(content) > _LARGEST:
                process.kill()
                raise RevisionError(f"git {arguments[0]} tells more than {_LARGEST // 2**20} MiB")
        if process.returncode:
            said.seek(0)
            cause = said.read(_MOST_SAID).decode("utf-8", "replace").strip()
            raise RevisionError(cause or f"git {arguments[0]} ended with {process.returncode}")
        return content


def _environment() -> dict[str, str]:
    """No transport may be used at all: git before 2.45 knows no other way not to fetch what is missing."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PROTOCOL_FROM_USER": "0",
    }
