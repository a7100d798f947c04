"""A generation as one compressed stream, in the layout that install.sh expects."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import TypeAlias

from matrix_common.files import InflationError, UnpackingError, inflate, plain_files
from matrix_distributor.errors import DistributorError
from matrix_distributor.hostside.scripts import install_script
from matrix_emitters.artifacts import Artifact, Manifest, ManifestFile

from .lineage import Ancestors, read_lineage, spell_lineage

INDEX = "index"
MANIFEST = "manifest.json"
LINEAGE = "lineage"
SCRIPT = "install.sh"
SIGNATURE = "manifest.json.sig"
PLACED = "root"
"""The folder that holds, within a generation, the files that are put in place on the host."""

LARGEST = 128 * 1024 * 1024
"""Bytes of all files of a generation together, and what stands between them in its archive."""
MOST = 20_000
"""Files of a generation."""
TOO_MUCH = f"it holds more than {LARGEST // 2**20} MiB or {MOST} files"

_OWN_NAMES = frozenset({INDEX, MANIFEST, LINEAGE, SCRIPT, SIGNATURE, PLACED})
_KEPT = ("/var/lib/dsas/", "/etc/dsas/", "/etc/dsas.d/self/", "/etc/dsas.d/.self/")
"""What judges a generation, and what tells a host who it is: folders, or files, that no generation may bring."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^\s|\s$|//|/$")


Parts: TypeAlias = tuple[Manifest, tuple[Artifact, ...], Ancestors, bytes]
"""Manifest, artifacts, lineage and signature: what a Generation is made of."""


def index(files: Iterable[ManifestFile]) -> bytes:
    """A line per file, `sha256 mode path`, sorted by path. The sha256 of these bytes is the generation's digest."""
    ordered = sorted(files, key=lambda file: file.path)
    return "".join(f"{file.sha256} {file.mode:04o} {file.path}\n" for file in ordered).encode()


def check_path(path: str) -> None:
    """Raise DistributorError when an artifact's path cannot be carried to a host, or would leave its folder there."""
    parts = PurePosixPath(path).parts
    if not path or _UNSAFE.search(path) or any(part in (".", "..") for part in path.split("/")):
        raise DistributorError(f"{path!r} is no path that can be put on a host: rename the file")
    if path.startswith("/"):
        if len(parts) < 3 or parts[-1].startswith(".") or f"{path}/".startswith(_KEPT):
            raise DistributorError(f"{path} is no place for a file of a generation: choose another")
    elif parts[0] in _OWN_NAMES:
        raise DistributorError(f"{path}: a generation keeps the name {parts[0]} for itself: choose another")


def members(
    manifest: Manifest,
    artifacts: Iterable[Artifact],
    ancestors: Ancestors,
    signature: bytes = b"",
) -> Iterator[Artifact]:
    """Every file of a generation, by its path within its folder on a host.

    Raises DistributorError for a path that cannot be carried.
    """
    yield Artifact(SCRIPT, 0o755, install_script())
    yield Artifact(INDEX, 0o644, index(manifest.files))
    yield Artifact(MANIFEST, 0o644, manifest.to_json())
    yield Artifact(LINEAGE, 0o644, spell_lineage(ancestors))
    if signature:
        yield Artifact(SIGNATURE, 0o644, signature)
    for artifact in artifacts:
        check_path(artifact.path)
        placed = artifact.path.startswith("/")
        yield Artifact(PLACED + artifact.path, artifact.mode, artifact.content) if placed else artifact


def time_of_files(manifest: Manifest) -> int:
    """The time that every file of a generation carries, in seconds since 1970: that of its manifest.

    It differs between generations even where sizes do not: caches that go by time and size (Python's, PHP's) then
    never take one generation's file for another's.
    """
    return int(datetime.fromisoformat(manifest.time).timestamp())


def pack(files: Iterable[Artifact], time: int) -> bytes:
    """Files as tar.gz, each with that time; the same arguments give the same bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for file in files:
            member = tarfile.TarInfo(file.path)
            member.size, member.mode, member.mtime = len(file.content), file.mode, time
            archive.addfile(member, io.BytesIO(file.content))
    return gzip.compress(raw.getvalue(), compresslevel=6, mtime=0)


def unpack(data: bytes) -> Parts:
    """A generation from the tar.gz that `pack` or a host's `install.sh export` made; every sha256 is checked.

    Raises DistributorError when it is not whole, or would unpack to more than a generation can be.
    """
    try:
        tar = inflate(data, LARGEST)
        held = {name.removeprefix("./"): content for name, content in plain_files(tar, MOST)}
    except (InflationError, UnpackingError) as error:
        raise DistributorError(f"not the archive of a generation: {error}") from error
    return assemble(held)


def assemble(held: dict[str, bytes]) -> Parts:
    """A generation from its files by their path within its folder. Raises DistributorError when it is not whole."""
    if MANIFEST not in held:
        raise DistributorError("this is no generation: there is no manifest.json")
    manifest = Manifest.from_json(held[MANIFEST])
    lineage = held.get(LINEAGE, b"")
    if manifest.fleet and hashlib.sha256(lineage).hexdigest() != manifest.lineage:
        raise DistributorError(f"generation {manifest.directory} is not whole: lineage is not what the manifest says")
    artifacts = []
    for file in manifest.files:
        check_path(file.path)
        content = held.get(PLACED + file.path if file.path.startswith("/") else file.path)
        artifact = Artifact(file.path, file.mode, content or b"")
        if content is None or artifact.sha256 != file.sha256:
            state = "is missing" if content is None else "is not what the manifest says"
            raise DistributorError(f"generation {manifest.directory} is not whole: {file.path} {state}")
        artifacts.append(artifact)
    return manifest, tuple(artifacts), read_lineage(lineage), held.get(SIGNATURE, b"")
