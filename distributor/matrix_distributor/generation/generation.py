"""What is brought to hosts: a generation, made from a Fleet and the texts it was read from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from matrix_distributor.errors import DistributorError
from matrix_emitters.artifacts import Artifact, Manifest, describe, digest_of
from matrix_emitters.bindings import build
from matrix_emitters.view import BindingOptions
from matrix_grammar import Fleet

from .archive import check_path, members, pack, time_of_files
from .lineage import Ancestors, descend, spell_lineage

FOLDER = "matrix"
"""Where the texts lie within a generation."""


@dataclass(frozen=True)
class OriginFile:
    """One file of the origin that travels with every generation: the MATRIX, an include, matrix.toml."""

    path: Path
    content: bytes


@dataclass(frozen=True)
class Generation:
    """All files of one generation, and its ancestors (number and digest), the newest first.

    `signature` is the armoured SSH signature over manifest.json; empty: not signed.
    """

    manifest: Manifest
    artifacts: tuple[Artifact, ...]
    ancestors: Ancestors = ()
    signature: bytes = b""

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return self.manifest.generation

    @property
    def digest(self) -> str:
        """The digest over its files, in hex."""
        return self.manifest.digest

    @property
    def lineage(self) -> Ancestors:
        """Itself and its ancestors, as a generation after it would name them."""
        return descend(self.number, self.digest, self.ancestors)

    def follows(self, number: int, digest: str) -> bool:
        """Whether a host that holds this generation may have it after that one: as far as is known, the same line."""
        place = self.number - number
        if place < 0 or number < 1:
            return place >= 0
        known = self.lineage[place : place + 1]
        return not known or known[0][0] != number or digest.startswith(known[0][1])

    @cached_property
    def archive(self) -> bytes:
        """All of it, as one compressed stream."""
        return pack(self.members(), self.time)

    @property
    def time(self) -> int:
        """The time that its files carry, in seconds since 1970."""
        return time_of_files(self.manifest)

    def members(self) -> Iterator[Artifact]:
        """Every file that a host keeps of it, by its path within the generation's folder there."""
        return members(self.manifest, self.artifacts, self.ancestors, self.signature)

    @property
    def texts(self) -> dict[str, bytes]:
        """The texts by their path relative to their common folder, the MATRIX among them."""
        prefix = FOLDER + "/"
        return {a.path.removeprefix(prefix): a.content for a in self.artifacts if a.path.startswith(prefix)}


def artifacts_of(
    fleet: Fleet, number: int, texts: Iterable[OriginFile], options: BindingOptions | None = None
) -> tuple[Artifact, ...]:
    """Everything that generation `number` of this Fleet consists of: the bindings, and the texts under `matrix/`."""
    carried = tuple(Artifact(path, 0o644, text.content) for path, text in carried_texts(texts).items())
    made = (*build(fleet, number, options), *carried)
    for artifact in made:
        check_path(artifact.path)
    return tuple(sorted(made, key=lambda artifact: artifact.path))


def carried_texts(texts: Iterable[OriginFile]) -> dict[str, OriginFile]:
    """The texts by the path they have in a generation: `matrix/`, then the path relative to their common folder."""
    by_path = {Path(os.path.abspath(text.path)): text for text in texts}
    if not by_path:
        return {}
    common = os.path.commonpath([path.parent for path in by_path])
    return {f"{FOLDER}/{path.relative_to(common).as_posix()}": text for path, text in by_path.items()}


def next_generation(
    fleet: Fleet,
    texts: Iterable[OriginFile],
    *,
    parent: Generation | None,
    author: str,
    now: datetime,
    options: BindingOptions | None = None,
    fleet_id: str = "",
) -> Generation:
    """The generation that holds this Fleet and these texts: `parent` itself when it does, else a new one after it.

    The first of `texts` is the MATRIX. A new generation is at least a second younger than its parent, whatever the
    clock says, since its time is that of its files. `fleet_id` as for `assemble_generation`; a parent that names none,
    since an older program made it, is followed by a new one, which hosts of that fleet take.
    """
    texts = tuple(texts)
    if not len(fleet):
        raise DistributorError("this MATRIX has no hosts: nothing is pushed from an empty one")
    if parent is not None and (parent.manifest.fleet or not fleet_id) and carries(parent, texts):
        same = artifacts_of(fleet, parent.number, texts, options)
        if digest_of(describe(same)) == parent.digest:
            return parent
    number = parent.number + 1 if parent else 1
    made = artifacts_of(fleet, number, texts, options)
    main = next(path for path, text in carried_texts(texts).items() if text is texts[0])
    return assemble_generation(made, number, main, parent=parent, author=author, now=now, fleet_id=fleet_id)


def carries(generation: Generation, texts: Sequence[OriginFile]) -> bool:
    """Whether a generation was made from these texts: from others it is another one, whatever comes out of them."""
    held = {f"{FOLDER}/{path}": content for path, content in generation.texts.items()}
    return held == {path: text.content for path, text in carried_texts(texts).items()}


def assemble_generation(
    artifacts: tuple[Artifact, ...],
    number: int,
    matrix: str,
    *,
    parent: Generation | None,
    author: str,
    now: datetime,
    fleet_id: str = "",
) -> Generation:
    """A generation of these artifacts, with its manifest. `matrix` is the path of the MATRIX among them.

    It is of the fleet of its parent. Where that has none yet, or there is no parent, `fleet_id` becomes the fleet's id,
    or a new one is made.
    """
    if parent is not None:
        now = max(now, datetime.fromisoformat(parent.manifest.time) + timedelta(seconds=1))
    files = describe(artifacts)
    ancestors = parent.lineage if parent else ()
    manifest = Manifest(
        generation=number,
        parent=parent.digest if parent else "",
        digest=digest_of(files),
        time=spell_time(now),
        author=" ".join(author.split()).replace('"', "'").replace("\\", "/"),
        matrix=matrix,
        files=files,
        fleet=(parent.manifest.fleet if parent else "") or fleet_id or new_fleet_id(),
        lineage=hashlib.sha256(spell_lineage(ancestors)).hexdigest(),
    )
    return Generation(manifest, artifacts, ancestors)


def new_fleet_id() -> str:
    """An id that no other fleet has: by chance, since two sites may begin with the same text at the same moment."""
    return os.urandom(16).hex()


def spell_time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
