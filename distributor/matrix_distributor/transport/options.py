"""How to reach hosts: the settings that hold for a whole pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LastWord = Literal["known_hosts", "matrix"]
"""Whose keys count where known_hosts and the MATRIX both know a host."""


class TransportError(Exception):
    """Settings that no host can be reached with, as an ssh_config that does not parse. Says which, and why."""


@dataclass(frozen=True, slots=True)
class SSHOptions:
    """Settings of a pool.

    `config` is an ssh_config (None: `~/.ssh/config` where there is one; an empty file for none at all).
    `identities` are private keys to try before those of ssh_config. `known_hosts` replaces the files that ssh_config
    names; the first of them is the one that `accept_new` adds to. `user` wins over the MATRIX and ssh_config (None:
    theirs). `accept_new` lets in the key of a host of which no key is known; a changed key is never accepted.
    Without `remember` it is let in for this pool alone, and no file is written.
    `last_word` says whose keys count where known_hosts and the MATRIX both know a host.
    `agent` allows the ssh-agent. `passphrase` is asked once per encrypted key, with its path, in the thread that
    calls `Pool.converse`; None for an answer leaves that key out. `keep_alive` is the seconds after which an idle
    connection that is kept is asked whether it still lives. `site` is the folder of the MATRIX, for the judgement of
    whether an ssh_config, which names programs, is the work of those whom the caller trusts.
    """

    config: Path | None = None
    identities: tuple[Path, ...] = ()
    known_hosts: tuple[Path, ...] = ()
    user: str | None = None
    accept_new: bool = False
    remember: bool = True
    last_word: LastWord = "known_hosts"
    agent: bool = True
    passphrase: Callable[[Path], str | None] | None = None
    keep_alive: float = 30.0
    site: Path | None = None
