"""What programs on hosts write when something is amiss, and what to do about it: the words of the kernel and of tools.

The first words that are found count, so the order matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

Signs = Mapping[str, str]
"""A cure by the words that ask for it, the first ones first."""


class _Sign(NamedTuple):
    """Words, and what to do about them in each kind of work; empty where they say nothing there."""

    words: str
    install: str = ""
    copy: str = ""
    reflect: str = ""


_ROOM = "make room on the host"
_WRITABLE = "make the file system writable on the host"
_ROOT = "log in as root, or set push.sudo"

_SIGNS: Final = (
    _Sign("No space left on device", "make room on the host's /var and /etc, then push again", _ROOM, _ROOM),
    _Sign(
        "Read-only file system",
        "make /var/lib/dsas and /etc writable on the host, then push again",
        _WRITABLE,
        _WRITABLE,
    ),
    _Sign("cannot be set", reflect=_ROOT),
    _Sign("Permission denied", f"{_ROOT} and allow `sudo -n`", "log in as root, or use --sudo", _ROOT),
    _Sign("Operation not permitted", copy="log in as root, use --sudo, or name the owner with --owner"),
    _Sign("the owner ", copy="name another with --owner"),
    _Sign("something is mounted on", install="umount it on the host, then push again"),
    _Sign(
        "there is a folder in the place of", install="see on the host what is in it and move it away, then push again"
    ),
    _Sign("a password is required", install="allow this user `sudo -n` without a password on the host"),
    _Sign(
        "not found",
        install="install what is missing on the host: coreutils or busybox, tar and gzip",
        copy="install what is missing on the host: coreutils or busybox, tar and gzip",
        reflect="install on the host what is missing there",
    ),
)

INSTALL_SIGNS: Final[Signs] = MappingProxyType({sign.words: sign.install for sign in _SIGNS if sign.install})
COPY_SIGNS: Final[Signs] = MappingProxyType({sign.words: sign.copy for sign in _SIGNS if sign.copy})
REFLECT_SIGNS: Final[Signs] = MappingProxyType({sign.words: sign.reflect for sign in _SIGNS if sign.reflect})
