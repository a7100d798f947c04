"""Whether what a verb is about to log in, run or sign by is the work of those whom the caller trusts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from matrix_common.paths import at_home
from matrix_common.trust import Judge, Verdict, together

if TYPE_CHECKING:
    from matrix_console.settings import Settings


def verdict_on(settings: Settings, judge: Judge) -> Verdict:
    """On every file that the settings name, but for private keys: a key proves who logs in, and runs nothing."""
    return together([*_programs(settings, judge), *_witnesses(settings, judge)])


def _programs(settings: Settings, judge: Judge) -> Iterator[Verdict]:
    """What can name a program, here or on a host: ssh_config, what becomes configurations, what hosts are given."""
    yield judge.path(settings.ssh_config or at_home("~/.ssh/config"))
    for folder, files in ((settings.state, "state.db"), (settings.reflect_templates, "*.j2")):
        yield judge.path(folder)
        for path in _files(folder, files):
            yield judge.path(path)


def _files(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder; none where it cannot be looked into, which who wants to read them tells."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _witnesses(settings: Settings, judge: Judge) -> Iterator[Verdict]:
    """What says whom to believe, or speaks for this origin, and runs nothing."""
    for path in (settings.ssh_known_hosts, settings.sign_allowed_signers, settings.sign_key):
        if path is not None:
            yield judge.path(path, programs=False)
