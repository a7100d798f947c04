"""What a push would change in each file, over hosts."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass

from .generation import Generation
from .install import files_command
from .reach import Converse
from .transport import Dialogue, Failure, Target


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that would change in the same way on all of `hosts`. None: it is not there before, or not after."""

    path: str
    hosts: tuple[str, ...]
    before: bytes | None
    after: bytes | None


def differences(
    generation: Generation, targets: Iterable[Target], converse: Converse, *, sudo: bool = False
) -> tuple[FileChange, ...]:
    """What would change on these hosts, sorted by path; hosts that cannot be asked are left out."""
    targets = tuple(targets)
    order = {target.name: place for place, target in enumerate(targets)}
    after = {a.path: a.content for a in generation.artifacts if a.path.startswith("/")}
    folded: dict[tuple[str, bytes | None], list[str]] = {}
    for target, held in converse([(target, _fetch(sudo)) for target in targets]):
        if held is None or isinstance(held, Failure):
            continue
        for path in sorted(held.keys() | after.keys()):
            if held.get(path) != after.get(path):
                folded.setdefault((path, held.get(path)), []).append(target.name)
    changes = (
        FileChange(path, tuple(sorted(hosts, key=order.__getitem__)), before, after.get(path))
        for (path, before), hosts in folded.items()
    )
    return tuple(sorted(changes, key=lambda change: (change.path, order[change.hosts[0]])))


def _fetch(sudo: bool) -> Dialogue[dict[str, bytes] | None]:
    """The files of the generation in force as they are in place on a host; none where it has no generation."""
    reply = yield files_command(sudo)
    if reply.status == 66 or reply.stdout.startswith(b"dsas 1 0 - none"):
        return {}
    try:
        with tarfile.open(fileobj=io.BytesIO(reply.stdout), mode="r:gz") as archive:
            members = [(member, archive.extractfile(member)) for member in archive if member.isreg()]
            return {member.name.removeprefix("."): file.read() for member, file in members if file is not None}
    except (tarfile.TarError, EOFError, OSError):
        return None
