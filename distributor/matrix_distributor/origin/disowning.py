"""A matrix.toml that comes from elsewhere: data stays, and what names files, programs or the former origin does not.

What stays is a list of settings that are known to be harmless, so that one which is added later is left out until
somebody has thought about it. The text is changed line by line, and the result is believed by a parse alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matrix_common.terminal import safe_lines

_NAMES = {
    "sh": ["prefix"],
    "ssh": ["user", "agent", "connect_timeout", "command_timeout"],
    "push": ["fanout", "retry", "sudo", "local", "host_limit", "account", "author"],
    "hosts": ["fanout"],
    "reflect": ["templates", "pause", "probe", "limit"],
    "watch": ["quiet", "poll", "retry", "retry_max", "verify", "repair", "metrics"],
}
KEPT = frozenset({("dmetad",), *((table, name) for table, names in _NAMES.items() for name in names)})
"""Settings, and tables with all below them, that say nothing of this machine's files, programs and trust.

`reflect.NAME` is none of them: its check and apply are commands, and its path is any file, as root on the hosts.
"""

_MOVED = ("bindings", "files")
"""A table for each binding, of its path and mode: kept where these are a binding's. Elsewhere a value of the text could
be a line of another file's language, such as a key of root's `authorized_keys`."""
_BINDING = re.compile(r"/etc/dsas\.(?:d/)?[A-Za-z0-9_][A-Za-z0-9_.-]*")
_MODE = re.compile(r"0?[0-7][0145][0145]")
_NEVER = re.compile("(?!)")

_LARGEST = 64 * 1024
_LONGEST = 400
"""Bytes of a text, and lines of one statement in it, that are gone through; of a larger one nothing stays."""
_MOST_WORK = 4_000_000
"""Characters that are parsed in vain, of all statements of several lines together."""
_WHY = "# left out by matrix adopt (it names a file, a program or the former origin); take the sign away if it is right"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disowned:
    """What stays of a matrix.toml, and the settings that became comments; `whole`: all of it did, and why."""

    content: bytes
    left_out: tuple[str, ...]
    whole: str = ""


def disown(content: bytes) -> Disowned:
    """A matrix.toml of somebody else as one may use it."""
    try:
        text = content.decode("utf-8")
        leaves = list(_leaves(tomllib.loads(text)))
    except (ValueError, RecursionError):  # not UTF-8, not TOML, a number of too many digits
        return _nothing(content, (), "it is not TOML")
    left_out = tuple(".".join(path) for path, value in leaves if not _kept(path, value))
    if not left_out:
        return Disowned(content, ())
    if len(content) > _LARGEST:
        return _nothing(content, left_out, f"it has more than {_LARGEST // 1024} KiB")
    try:
        changed = "".join(_statements(text.replace("\r\n", "\n")))
        stays = list(_leaves(tomllib.loads(changed)))
    except tomllib.TOMLDecodeError:
        return _nothing(content, left_out, "its layout is not understood")
    wanted = {path: value for path, value in leaves if _kept(path, value)}
    if not all(path in wanted and wanted[path] == value for path, value in stays):
        return _nothing(content, left_out, "its layout is not understood")
    # An inline table that names both becomes a comment as a whole.
    still = dict(stays)
    lost = tuple(".".join(path) for path in wanted if path not in still)
    return Disowned(changed.encode(), (*left_out, *lost))


def _nothing(content: bytes, left_out: tuple[str, ...], why: str) -> Disowned:
    """All of it as comments, without what a comment must not hold."""
    text = content.decode("utf-8", "replace")
    lines = [_WHY, *(f"# {line}" for line in safe_lines(text.replace("\r\n", "\n")).split("\n"))]
    return Disowned(("\n".join(lines) + "\n").encode(), left_out, why)


def _leaves(table: Mapping[str, Any], before: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value by its path; what is kept or left out as a whole is one, and so is an empty table of no meaning."""
    for key, value in table.items():
        path = (*before, key)
        if value == {} and _leads_to_kept(path):
            continue
        if isinstance(value, dict) and value and path not in KEPT and path[:1] != ("reflect",):
            yield from _leaves(value, path)
        elif isinstance(value, dict) and path == ("reflect",):
            yield from (((*path, name), inner) for name, inner in value.items())
        else:
            yield path, value


def _kept(path: Path, value: Any) -> bool:
    if path[:2] == _MOVED and len(path) == 4 and isinstance(value, str):
        return bool({"path": _BINDING, "mode": _MODE}.get(path[3], _NEVER).fullmatch(value))
    return any(path[:length] in KEPT for length in range(1, min(len(path), 2) + 1))


def _leads_to_kept(path: Path) -> bool:
    """Whether a header of this path has, or may have, below it something that stays."""
    if path == _MOVED[: len(path)] or (path[:2] == _MOVED and len(path) == 3):
        return True
    return _kept(path, None) or any(kept[: len(path)] == path for kept in KEPT)


def _statements(text: str) -> Iterator[str]:
    """The lines again, those of statements that do not stay as comments."""
    header: Path = ()
    explained = False
    for chunk, parsed in _chunks(text):
        if parsed is None:
            yield chunk  # blank, or a comment
            continue
        if chunk.lstrip().startswith("["):
            header = _deepest(parsed)
            stays = not chunk.lstrip().startswith("[[") and _leads_to_kept(header)
        else:
            stays = all(_stays((*header, *path), value) for path, value in _paths(parsed))
        if stays:
            yield chunk
        else:
            yield "" if explained else _WHY + "\n"
            yield "".join(f"# {line}\n" for line in chunk.rstrip("\n").split("\n"))
        explained = not stays


def _stays(path: Path, value: Any) -> bool:
    return _kept(path, value) or (value == {} and _leads_to_kept(path))


def _chunks(text: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """A statement after another, of one line or several: the fewest lines that are TOML by themselves."""
    chunk, count, work = "", 0, 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        chunk, count = chunk + line, count + 1
        try:
            parsed = tomllib.loads(chunk)
        except tomllib.TOMLDecodeError:
            work += len(chunk)
            if count > _LONGEST or work > _MOST_WORK:
                break
            continue
        yield chunk, parsed or None
        chunk, count = "", 0
    if chunk:
        raise tomllib.TOMLDecodeError(f"no statement of at most {_LONGEST} lines")


def _deepest(parsed: Mapping[str, Any]) -> Path:
    """The path of a header that was parsed alone."""
    path: Path = ()
    inner: Any = parsed
    while isinstance(inner, dict) and inner:
        key, inner = next(iter(inner.items()))
        path = (*path, key)
    return path


def _paths(table: Mapping[str, Any], before: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The values of a statement by their paths, down to the last."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _paths(value, (*before, key))
        else:
            yield (*before, key), value
