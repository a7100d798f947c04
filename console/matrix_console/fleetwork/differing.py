"""Differences between contents, for people: unified diffs of texts, a line for all else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from matrix_common.terminal import safe

from .gathering import unified

LARGEST = 1024 * 1024


def shown(old: bytes | None, new: bytes | None, old_name: str, new_name: str) -> Iterator[bytes]:
    """A unified diff, or why there is none: contents that are no text, too large (None), or gone meanwhile."""
    old_name, new_name = safe(old_name), safe(new_name)
    if old is None or new is None:
        yield f"    {old_name} and {new_name} differ; too large to be shown\n".encode()
    elif b"\0" in old or b"\0" in new:
        yield f"    {old_name} and {new_name} differ; no text: {len(old):,} and {len(new):,} bytes\n".encode()
    else:
        yield from unified(old, new, old_name, new_name)


def local(path: str) -> bytes | None:
    """The content of a file here; None when it is too large to be shown, or gone."""
    try:
        return None if Path(path).stat().st_size > LARGEST else Path(path).read_bytes()
    except OSError:
        return None


def plan(wanted: Sequence[tuple[str, str, str]]) -> Mapping[str, list[tuple[str, str]]]:
    """Given (host, path, sha256), from which host to fetch what, each content once."""
    seen: set[str] = set()
    hosts: dict[str, list[tuple[str, str]]] = {}
    for host, path, digest in wanted:
        if digest and digest not in seen:
            seen.add(digest)
            hosts.setdefault(host, []).append((path, digest))
    return hosts
