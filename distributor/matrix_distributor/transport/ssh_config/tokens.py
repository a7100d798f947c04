"""Tokens in values of an ssh_config: `%h` and its like, and `${NAME}` (ssh_config(5), TOKENS)."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping

from matrix_common.paths import at_home

_ANY = re.compile(r"%(.?)|\$\{([^}]*)(\}?)", re.DOTALL)


def expand(text: str, tokens: Mapping[str, object], *, environment: bool = False) -> str:
    """A value with its tokens replaced, with `environment` those of the environment too. Raises ValueError."""

    def replaced(found: re.Match[str]) -> str:
        token, name, closed = found.groups()
        if token is not None:
            if token == "%":
                return "%"
            if token not in tokens:
                raise ValueError(f"%{token} is no token that is known here (%% stands for a % itself)")
            return str(tokens[token])
        if not environment:
            return found[0]
        if not closed or name not in os.environ:
            raise ValueError(f"{found[0]}: there is no such variable in the environment")
        return os.environ[name]

    return _ANY.sub(replaced, text)


def tokens_of_way(host: str, name: str, port: int, user: str) -> dict[str, object]:
    """Those of ProxyCommand and ProxyJump."""
    return {"h": host, "n": name, "p": port, "r": user}


def tokens_of_files(way: Mapping[str, object], alias: str | None, local_user: str) -> dict[str, object]:
    """Those of files and of `Match exec`, but for `%C`, which differs from one OpenSSH to another."""
    here = socket.gethostname()
    return {
        **way,
        "d": at_home("~"),
        "i": os.getuid(),
        "k": alias or way["n"],
        "L": here.partition(".")[0],
        "l": here,
        "u": local_user,
    }
