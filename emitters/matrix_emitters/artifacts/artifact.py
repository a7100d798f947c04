"""What emitters produce, as values: artifacts, and the manifest of a generation."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

MANIFEST_FORMAT = 1
_FLEET = re.compile(r"(?:[0-9a-f]{32})?")


class ManifestError(ValueError):
    """A manifest that is not whole, not JSON, or of a newer format than this program knows."""


LARGEST_MANIFEST = 8 * 1024 * 1024
"""Bytes of one that is read, which may be a stranger's: read, JSON takes 25 times as many."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a generation.

    A `path` with a leading `/` is put in place on the host under that very path; one without (`matrix/MATRIX`) only
    lies in the generation's own directory. `mode` is the permission bits.
    """

    path: str
    mode: int
    content: bytes

    @property
    def sha256(self) -> str:
        """The sha256 of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One line of a manifest: what an artifact must be, without its content. `size` is in bytes."""

    path: str
    mode: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is: its number, its parent, the digest over its files, when and by whom it was made.

    `digest` is the sha256 over the files (not over time and author), so the same files give the same digest.
    `time` is RFC 3339 in UTC; `parent` the digest of the generation before, or empty for the first.
    `matrix` is the path of the MATRIX among the files. `fleet` is the id of the fleet, 32 hex digits, and `lineage` the
    sha256 of the file that names the ancestors; both are empty where the program that made it knew of neither.
    """

    generation: int
    parent: str
    digest: str
    time: str
    author: str
    matrix: str
    files: tuple[ManifestFile, ...]
    fleet: str = ""
    lineage: str = ""

    @property
    def directory(self) -> str:
        """The name of its directory on a host: `<generation>-<digest12>`."""
        return f"{self.generation}-{self.digest[:12]}"

    def to_json(self) -> bytes:
        """Its one spelling as JSON, one line a key and one a file, with a line end.

        Hosts read it line by line, up to the digest.
        """
        head = {
            "format": MANIFEST_FORMAT,
            **({"fleet": self.fleet, "lineage": self.lineage} if self.fleet else {}),
            "generation": self.generation,
            "parent": self.parent,
            "digest": self.digest,
            "time": self.time,
            "author": self.author,
            "matrix": self.matrix,
        }
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        files = ",\n".join(
            "    " + json.dumps({"path": f.path, "mode": f"{f.mode:04o}", "size": f.size, "sha256": f.sha256})
            for f in self.files
        )
        return ("{\n" + ",\n".join(lines) + ',\n  "files": [\n' + files + "\n  ]\n}\n").encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read a manifest; raises ManifestError, and when its digest is not that of its files too."""
        if len(data) > LARGEST_MANIFEST:
            raise ManifestError(f"a manifest of more than {LARGEST_MANIFEST // 2**20} MiB")
        try:
            raw = json.loads(data)
            if raw["format"] != MANIFEST_FORMAT:
                raise ManifestError(f"manifest of format {raw['format']}, this program knows {MANIFEST_FORMAT}")
            files = tuple(
                ManifestFile(str(f["path"]), int(f["mode"], 8), int(f["size"]), str(f["sha256"])) for f in raw["files"]
            )
            manifest = cls(
                int(raw["generation"]),
                str(raw["parent"]),
                str(raw["digest"]),
                str(raw["time"]),
                str(raw["author"]),
                str(raw["matrix"]),
                files,
                str(raw.get("fleet", "")),
                str(raw.get("lineage", "")),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if isinstance(error, ManifestError):
                raise
            raise ManifestError(f"not a manifest: {error}") from error
        if not _FLEET.fullmatch(manifest.fleet):
            raise ManifestError("the manifest's fleet is no id of a fleet")
        if digest_of(files) != manifest.digest:
            raise ManifestError("the manifest's digest is not that of its files")
        return manifest


def digest_of(files: Iterable[ManifestFile]) -> str:
    """The sha256, in hex, over path, mode and sha256 of each file, sorted by path."""
    lines = (f"{f.sha256} {f.mode:04o} {f.path}\n" for f in sorted(files, key=lambda f: f.path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def describe(artifacts: Iterable[Artifact]) -> tuple[ManifestFile, ...]:
    """The manifest's lines for these artifacts, sorted by path."""
    return tuple(
        ManifestFile(a.path, a.mode, len(a.content), a.sha256) for a in sorted(artifacts, key=lambda a: a.path)
    )
