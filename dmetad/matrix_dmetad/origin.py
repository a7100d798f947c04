"""Where snapshots come from: the generation in force on this host, or one MATRIX file."""

from __future__ import annotations

import hashlib
import os
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from matrix_emitters import BindingOptions, EmitterError, Manifest, ManifestError, View
from matrix_grammar import Fleet, Reader, Reading, render

from .errors import DmetadError
from .snapshot import Snapshot

Signature = tuple[tuple[str, int, int, int, int], ...]
"""What tells that a file is another than before: path, inode, size, times of change of content and of inode."""

_SHOWN: Final = 5


class Origin(ABC):
    """Something that a snapshot can be made from again and again."""

    settles = False
    """Whether it is written in place, so that one should wait until it is at rest."""

    @abstractmethod
    def signature(self) -> Signature:
        """Cheap to get, and different when there may be something new."""

    @abstractmethod
    def load(self, before: Snapshot | None) -> Snapshot:
        """The snapshot of now. Raises DmetadError when what is there cannot be used."""


class CurrentGeneration(Origin):
    """The generation that /var/lib/dsas/current names, below a root folder."""

    def __init__(self, root: Path) -> None:
        self._home = root / "var/lib/dsas"
        self._reader = Reader()

    def signature(self) -> Signature:
        """That of `current`, which is renamed into place last."""
        return _signature([str(self._home / "current")])

    def load(self, before: Snapshot | None) -> Snapshot:
        """The generation, once every text of it has the digest that the manifest says."""
        name, digest = self._current()
        folder = self._home / "generations" / name
        manifest_text = _read(folder / "manifest.json")
        try:
            manifest = Manifest.from_json(manifest_text)
        except ManifestError as error:
            raise DmetadError(f"{folder}/manifest.json: {error}") from error
        if manifest.digest != digest or manifest.directory != name:
            raise DmetadError(f"{folder}: its manifest is of {manifest.directory}, not of {name}")
        matrix = folder / manifest.matrix
        reading = self._reader.read(matrix)
        sums = {file.path: file.sha256 for file in manifest.files}
        texts = _texts(reading, folder)
        for path, content in texts.items():
            if sums.get(path) != hashlib.sha256(content).hexdigest():
                raise DmetadError(f"{folder}/{path} is not what the manifest says; `install.sh repair` puts it right")
        options = _options(folder / "matrix/matrix.toml")
        common = manifest.matrix.rpartition("/")[0] + "/"
        return Snapshot(
            View(_fleet(reading), manifest.generation, options),
            name=name,
            modified=_moment(manifest.time),
            manifest=manifest,
            manifest_text=manifest_text,
            texts={path.removeprefix(common): content for path, content in texts.items()},
            exact=before is None or int(before.modified) != int(_moment(manifest.time)),
        )

    def _current(self) -> tuple[str, str]:
        record = _read(self._home / "current").decode("ascii", "replace").split()
        if len(record) != 2 or "/" in record[0] or record[0].startswith("."):
            raise DmetadError(f"{self._home}/current does not name a generation; `install.sh repair` puts it right")
        return record[0], record[1]


class PlainFile(Origin):
    """A MATRIX and what it includes, as an editor leaves them. Its generation is 0."""

    settles = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = Reader()
        self._watched: tuple[str, ...] = (str(path),)

    def signature(self) -> Signature:
        """That of every text, and of their folders, in which an include may appear."""
        return _signature(self._watched)

    def load(self, before: Snapshot | None) -> Snapshot:
        """The file as it is now."""
        reading = self._reader.read(self._path)
        folder = self._path.parent
        paths = [str(source.path) for source in reading.sources] or [str(self._path)]
        settings = folder / "matrix.toml"
        self._watched = tuple(dict.fromkeys([*paths, *(os.path.dirname(path) or "." for path in paths), str(settings)]))
        texts = _texts(reading, folder)
        digest = hashlib.sha256(
            b"".join(path.encode() + b"\0" + text + b"\0" for path, text in texts.items())
        ).hexdigest()
        fleet = _fleet(reading)
        modified = max(_time_of(path) for path in paths)
        return Snapshot(
            View(fleet, 0, _options(settings)),
            name=f"0-{digest[:12]}",
            modified=modified,
            texts=texts,
            exact=before is None or int(before.modified) != int(modified),
        )


def _signature(paths: list[str] | tuple[str, ...]) -> Signature:
    found = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            found.append((path, 0, 0, 0, 0))
        else:
            found.append((path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return tuple(found)


def _time_of(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError as error:
        raise DmetadError(f"{path}: gone while it was read") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DmetadError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _fleet(reading: Reading) -> Fleet:
    """The Fleet; one without hosts is a file that was emptied, or is being written just now."""
    if reading.fleet is None:
        raise DmetadError(render(reading.errors, "concise", limit=_SHOWN))
    if not reading.fleet.hosts:
        raise DmetadError(f"{reading.sources[0].path}: no hosts")
    return reading.fleet


def _texts(reading: Reading, folder: Path) -> Mapping[str, bytes]:
    """The texts by their path relative to a folder, the MATRIX first."""
    return {os.path.relpath(source.path, folder): source.content for source in reading.sources}


def _options(path: Path) -> BindingOptions:
    """How the sh binding of this site calls its variables."""
    try:
        return BindingOptions.from_settings(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return BindingOptions()
    except (OSError, ValueError, EmitterError) as error:
        raise DmetadError(f"{path}: {error}") from error


def _moment(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError as error:
        raise DmetadError(f"manifest.json: {time!r} is no time") from error
