"""What a site may choose about its bindings: where files lie, with which mode, and how sh variables are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from matrix_emitters.errors import EmitterError

if TYPE_CHECKING:
    from matrix_emitters.artifacts.artifact import Artifact


class FileOptions(NamedTuple):
    """Where one file is put instead, and with which permission bits; None leaves what the emitter says."""

    path: str | None = None
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class BindingOptions:
    """Settings of the bindings. `files` is keyed by the path that the emitter gives the file (`/etc/dsas.conf`)."""

    sh_prefix: str = "DSAS_"
    files: Mapping[str, FileOptions] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def path(self, path: str) -> str:
        """Where the file that is usually `path` lies on a host."""
        chosen = self.files.get(path)
        return path if chosen is None or chosen.path is None else chosen.path

    def artifact(self, path: str, content: str | bytes, mode: int = 0o644) -> Artifact:
        """The artifact for the file that is usually `path`, text as UTF-8, moved and with the mode the site chose."""
        from matrix_emitters.artifacts.artifact import Artifact  # who only checks options makes none

        chosen = self.files.get(path, FileOptions())
        raw = content.encode() if isinstance(content, str) else content
        return Artifact(self.path(path), mode if chosen.mode is None else chosen.mode, raw)

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> BindingOptions:
        """From the tables of matrix.toml: `[sh] prefix`, `[bindings.files."/etc/dsas.conf"] path, mode` (octal text).

        Raises EmitterError naming the setting that is wrong.
        """
        prefix = _table(settings, "sh").get("prefix", "DSAS_")
        if not isinstance(prefix, str):
            raise EmitterError(f"sh.prefix must be text, not {prefix!r}")
        files = _table(_table(settings, "bindings"), "files")
        return cls(prefix, MappingProxyType({path: _file(path, _table(files, path)) for path in files}))


def _table(settings: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = settings.get(key, {})
    if not isinstance(table, Mapping):
        raise EmitterError(f"{key} must be a table of settings, not {table!r}")
    return table


def _file(name: str, table: Mapping[str, object]) -> FileOptions:
    unknown = sorted(set(table) - {"path", "mode"})
    if unknown:
        raise EmitterError(f"bindings.files.{name}: unknown setting {unknown[0]}; there are path and mode")
    path, mode = table.get("path"), table.get("mode")
    if path is not None and not (isinstance(path, str) and path.startswith("/") and "/../" not in path + "/"):
        raise EmitterError(f"bindings.files.{name}: path must be absolute and without '..', not {path!r}")
    if mode is None:
        return FileOptions(path)
    try:
        bits = int(mode, 8) if isinstance(mode, str) else -1
    except ValueError:
        bits = -1
    if not 0 <= bits <= 0o777:
        raise EmitterError(f'bindings.files.{name}: mode must be octal text such as "0644", not {mode!r}')
    return FileOptions(path, bits)
