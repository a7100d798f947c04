"""Looks into hosts from outside, past every command of the project: what does a root folder really hold?"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from matrix_emitters.artifacts import Manifest, ManifestError

GENERATIONS = "var/lib/dsas/generations"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a host holds: the number of the generation in force, and its files that are not as its manifest says."""

    generation: int
    wrong: tuple[str, ...]


def holding(root: Path) -> Holding | None:
    """What lies under a root folder; None when no generation is in force there, or it changes at this moment."""
    try:
        current = (root / "var/lib/dsas/current").read_text().split()[0]
        manifest = Manifest.from_json((root / GENERATIONS / current / "manifest.json").read_bytes())
    except (OSError, ManifestError, IndexError):
        return None
    placed = (file for file in manifest.files if file.path.startswith("/"))
    wrong = tuple(file.path for file in placed if sha256(root / file.path.lstrip("/")) != file.sha256)
    return Holding(manifest.generation, wrong)


def sha256(path: Path) -> str:
    """The sha256 of a file in hex, or empty when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def whole(roots: Iterable[Path], generation: int) -> bool:
    """Whether every one of these hosts holds that generation, each file of it with the right sha256."""
    return all(holding(root) == Holding(generation, ()) for root in roots)


def wait_until(condition: Callable[[], bool], seconds: float) -> float | None:
    """Seconds until the condition held, looked at 50 times a second; None when it never did in that time."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        if condition():
            return passed
        time.sleep(0.02)
    return None
