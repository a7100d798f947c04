"""Where snapshots come from: the generation in force on this host, or one MATRIX file."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from matrix_common.paths import HOST_HOME, SETTINGS_FILE, at_home
from matrix_common.settings import SettingsError, tables_of
from matrix_common.terminal import reason_of
from matrix_dmetad.answers.snapshot import Snapshot
from matrix_dmetad.errors import DmetadError
from matrix_dmetad.settings import Settings, settings_from
from matrix_emitters import EmitterError
from matrix_emitters.artifacts import Manifest, ManifestError
from matrix_emitters.view import BindingOptions, View
from matrix_grammar import Fleet
from matrix_grammar.reading import Reader, Reading
from matrix_grammar.rendering import render
from matrix_grammar.texts import MemoryLibrary

Signature = tuple[tuple[str, int, int, int, int], ...]
"""What tells that a file is another than before: path, inode, size, times of change of content and of inode."""

TEXTS: Final = "matrix/"
"""Where the texts lie within a generation."""
_SHOWN: Final = 5


class SnapshotSource(ABC):
    """Something that a snapshot can be made from again and again."""

    settles = False
    """Whether it is written in place, so that one should wait until it is at rest."""

    def __init__(self, over: Mapping[str, Any]) -> None:
        """`over`: the settings that go before those of matrix.toml."""
        self._over = over
        self._reader = Reader()

    @abstractmethod
    def settings(self) -> Settings:
        """The settings to start with. Raises DmetadError, or SettingsError for those of the command itself."""

    @abstractmethod
    def signature(self) -> Signature:
        """Cheap to get, and different when there may be something new."""

    @abstractmethod
    def load(self, before: Snapshot | None) -> Snapshot:
        """The snapshot of now. Raises DmetadError when what is there cannot be used."""


class CurrentGeneration(SnapshotSource):
    """The generation that /var/lib/dsas/current names, below a root folder."""

    def __init__(self, root: Path, over: Mapping[str, Any]) -> None:
        super().__init__(over)
        self._home = root / HOST_HOME
        self._texts: dict[str, bytes] = {}
        self._reader = Reader(MemoryLibrary(self._texts))

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
        self._texts.clear()
        for file in manifest.files:
            if file.path.startswith(TEXTS):
                content = _read(folder / file.path)
                if file.sha256 != hashlib.sha256(content).hexdigest():
                    raise DmetadError(
                        f"{folder}/{file.path} is not what the manifest says; `install.sh repair` puts it right"
                    )
                self._texts[file.path.removeprefix(TEXTS)] = content
        matrix = manifest.matrix.removeprefix(TEXTS)
        reading = self._reader.read(matrix)
        common = matrix.rpartition("/")[0]
        beside = f"{common}/{SETTINGS_FILE}".removeprefix("/")
        settings = folder / TEXTS / beside
        tables = _tables(self._texts.get(beside, b""), settings)
        return Snapshot(
            View(_fleet(reading), manifest.generation, _options(tables, settings)),
            name=name,
            modified=_moment(manifest.time),
            manifest=manifest,
            manifest_text=manifest_text,
            texts={source.path.removeprefix(f"{common}/"): source.content for source in reading.sources},
            settings=_settings(tables, settings, self._over),
            exact=before is None or int(before.modified) != int(_moment(manifest.time)),
        )

    def settings(self) -> Settings:
        """Those of the generation; where that cannot be used, those of the command: another may come soon."""
        try:
            folder = self._home / "generations" / self._current()[0]
            path, content = _beside(folder / Manifest.from_json(_read(folder / "manifest.json")).matrix)
            return _settings(_tables(content, path), path, self._over)
        except (DmetadError, ManifestError):
            return settings_from({}, SETTINGS_FILE, self._over)

    def _current(self) -> tuple[str, str]:
        record = _read(self._home / "current").decode("ascii", "replace").split()
        if len(record) != 2 or "/" in record[0] or record[0].startswith("."):
            raise DmetadError(f"{self._home}/current does not name a generation; `install.sh repair` puts it right")
        return record[0], record[1]


class PlainFile(SnapshotSource):
    """A MATRIX and what it includes, as an editor leaves them. Its generation is 0."""

    settles = True

    def __init__(self, path: Path, over: Mapping[str, Any]) -> None:
        super().__init__(over)
        self._path = path
        self._watched: tuple[str, ...] = (str(path),)

    def settings(self) -> Settings:
        """Those beside the file."""
        path, content = _beside(self._path)
        return _settings(_tables(content, path), path, self._over)

    def signature(self) -> Signature:
        """That of every text, and of their folders, in which an include may appear."""
        return _signature(self._watched)

    def load(self, before: Snapshot | None) -> Snapshot:
        """The file as it is now."""
        folder = self._path.parent
        settings, content = _beside(self._path)
        tables = _tables(content, settings)
        reading = self._reader.read(self._path, _includes(tables, settings))
        paths = [str(source.path) for source in reading.sources] or [str(self._path)]
        self._watched = tuple(dict.fromkeys([*paths, *(os.path.dirname(path) or "." for path in paths), str(settings)]))
        texts = _texts(reading, folder)
        digest = hashlib.sha256(
            b"".join(path.encode() + b"\0" + text + b"\0" for path, text in texts.items())
        ).hexdigest()
        fleet = _fleet(reading)
        modified = max(_time_of(path) for path in paths)
        return Snapshot(
            View(fleet, 0, _options(tables, settings)),
            name=f"0-{digest[:12]}",
            modified=modified,
            texts=texts,
            settings=_settings(tables, settings, self._over),
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
        raise DmetadError(f"{path}: {reason_of(error)}") from error


def _beside(matrix: Path) -> tuple[Path, bytes]:
    """The matrix.toml beside a MATRIX: its path, and its content, which is empty where there is none."""
    path = matrix.parent / SETTINGS_FILE
    try:
        return path, path.read_bytes()
    except FileNotFoundError:
        return path, b""
    except OSError as error:
        raise DmetadError(f"{path}: {reason_of(error)}") from error


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


def _tables(content: bytes, path: Path) -> Mapping[str, Any]:
    """The tables of a matrix.toml. Raises DmetadError."""
    try:
        return tables_of(content.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise DmetadError(f"{path}: not UTF-8") from error
    except SettingsError as error:
        raise DmetadError(str(error)) from error


def _includes(tables: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """What a MATRIX may include beside what is below its folder, as its settings say."""
    section = tables.get("allow", {})
    given = section.get("includes", []) if isinstance(section, dict) else None
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise DmetadError(f"{path}: allow.includes: {given!r:.80} is not a list of texts")
    return tuple(str(path.resolve().parent / at_home(each)) for each in given)


def _options(tables: Mapping[str, Any], path: Path) -> BindingOptions:
    """How the sh binding of this site calls its variables."""
    try:
        return BindingOptions.from_settings(tables)
    except EmitterError as error:
        raise DmetadError(f"{path}: {error}") from error


def _settings(tables: Mapping[str, Any], path: Path, over: Mapping[str, Any]) -> Settings:
    try:
        return settings_from(tables, path, over)
    except SettingsError as error:
        raise DmetadError(str(error)) from error


def _moment(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError as error:
        raise DmetadError(f"manifest.json: {time!r} is no time") from error
