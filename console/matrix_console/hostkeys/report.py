"""The keys that hosts show beside those that are known, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matrix_common.terminal import safe

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.transport import ShownKey
    from matrix_distributor.transport.hostkeys import KnownKey

GOOD = ("same", "added", "replaced")
_STYLES = {"same": "green", "added": "green", "replaced": "green", "new": "yellow"}


@dataclass(frozen=True, slots=True)
class Scanned:
    """What became of one host. `shown` is None where no key was seen; then `stage` and `cause` say why.

    `result` is that of ShownKey, or `added`, `replaced`, `kept` (it was not replaced), `unreachable`.
    """

    host: str
    result: str
    shown: ShownKey | None = None
    stage: str = ""
    cause: str = ""
    cure: str = ""

    @property
    def good(self) -> bool:
        """Whether the key is known."""
        return self.result in GOOD


def print_scanned(console: Console, done: Sequence[Scanned]) -> None:
    """A line for each host, and below it what is to be done, the same once; then how many there are of each kind."""
    from rich.text import Text

    names, results = (
        max(map(len, words), default=0) for words in zip(*((d.host, d.result) for d in done), strict=True)
    )
    said: set[str] = set()
    for one in done:
        line = Text(f"{one.host:<{names}}  ")
        line.append(f"{one.result:<{results}}", _STYLES.get(one.result, "red"))
        line.append(f"  {safe(_facts(one))}")
        console.print(line, soft_wrap=True)
        for words in _more(one):
            if words not in said:
                console.print(Text(" " * (names + results + 4) + safe(words)), soft_wrap=True)
        said.update(_more(one))
    counts = Counter(one.result for one in done)
    told = ", ".join(f"{count} {result}" for result, count in counts.items())
    console.print(f"{len(done)} host{'s' * (len(done) != 1)}: {told}", soft_wrap=True)


def status_of_scan(done: Sequence[Scanned]) -> int:
    """0 when every key is known, 1 when some are not, 3 when some hosts showed none, 4 when none did."""
    if done and all(one.shown is None for one in done):
        return 4
    if any(one.shown is None for one in done):
        return 3
    return 0 if all(one.good for one in done) else 1


def scanned_as_json(one: Scanned) -> dict[str, object]:
    """One host for programs."""
    shown = one.shown
    return {
        "host": one.host,
        "result": one.result,
        "type": shown.type if shown else "",
        "fingerprint": shown.fingerprint if shown else "",
        "known_hosts": [_key(key) for key in shown.known] if shown else [],
        "matrix": [_key(key) for key in shown.given] if shown else [],
        "stage": one.stage,
        "cause": one.cause,
        "cure": one.cure,
    }


def _key(key: KnownKey) -> dict[str, str]:
    return {"type": key.type, "fingerprint": key.fingerprint, "where": key.where, "marker": key.marker}


def _facts(one: Scanned) -> str:
    shown = one.shown
    if shown is None:
        return f"{one.stage}: {one.cause}"
    known, given = keys_beside(shown, shown.known), keys_beside(shown, shown.given)
    return f"{shown.type} {shown.fingerprint}  known_hosts: {known}  MATRIX: {given}"


def keys_beside(shown: ShownKey, keys: Sequence[KnownKey]) -> str:
    """Keys that are known, with where they stand; `this` is the key that the host shows."""
    return ", ".join(
        f"{' '.join(filter(None, (key.marker, 'this' if _is(key, shown) else key.fingerprint)))} ({key.where})"
        for key in keys
    ) or "none"  # fmt: skip


def _is(key: KnownKey, shown: ShownKey) -> bool:
    return key.fingerprint == shown.fingerprint


def _more(one: Scanned) -> list[str]:
    cause = [one.cause] if one.shown is not None and one.cause and one.result != "new" else []
    return [*cause, *([f"→ {one.cure}"] if one.cure else [])]
