"""Taking over as origin, from what any host holds: its generation in force, with the MATRIX in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from matrix_common.files import write_file
from matrix_common.paths import HOST_HOME, SETTINGS_FILE
from matrix_common.terminal import safe
from matrix_common.trouble import Trouble
from matrix_distributor.conversation.answers import GZIP, archives
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.archive import INDEX, LARGEST, MOST, TOO_MUCH, assemble, unpack
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hostside.requests import export_command, read_state
from matrix_emitters.artifacts import ManifestError

from .disowning import Disowned, disown


def from_host(target: Target, converse: Converse, *, sudo: bool = False) -> Generation:
    """The generation in force on a host, over SSH. Raises DistributorError when it cannot be had whole."""
    for _, answer in converse([(target, _export(sudo))]):
        if isinstance(answer, Failure):
            raise DistributorError(f"{answer}; {answer.cure}")
        if isinstance(answer, Trouble):
            raise DistributorError(f"{target.name}: {answer.cause}; {answer.cure}")
        return _generation(target.name, answer)
    raise DistributorError(f"{target.name} did not answer")


def _export(sudo: bool) -> Dialogue[bytes | Trouble]:
    reply = yield export_command(sudo)
    if reply.status == 0 and GZIP in reply.stdout:
        return reply.stdout
    state = read_state(replace(reply, stdout=reply.stdout[-SMALL_ANSWER:]), "export")
    if isinstance(state, Trouble):
        return state
    return Trouble("export", "it has no generation", "adopt from a host that has one")


def _generation(name: str, answer: bytes) -> Generation:
    """The generation whose archive stands in an answer, among what the login shell prints."""
    first: Exception | None = None
    for archive in archives(answer):
        try:
            return Generation(*unpack(archive))
        except (DistributorError, ManifestError) as error:
            first = first or error
    raise DistributorError(f"{name}: {first}; adopt from another host") from first


def from_folder(folder: Path) -> Generation:
    """The generation in force in a host's own files: `/var/lib/dsas`, a root that holds it, or one generation's folder.

    Raises DistributorError when there is none, or it is not whole.
    """
    home = next((place for place in (folder, folder / HOST_HOME) if (place / "current").is_file()), None)
    try:
        if home is not None:
            name = (home / "current").read_text(encoding="ascii", errors="replace").split(" ")[0]
            folder = home / "generations" / Path(name).name
        if not (folder / INDEX).is_file():
            raise DistributorError(f"there is no generation in force in {folder}")
        held: dict[str, bytes] = {}
        left = LARGEST
        for path in _files(folder):
            left -= path.stat().st_size
            if left < 0 or len(held) > MOST:
                raise DistributorError(f"{folder}: {TOO_MUCH}")
            held[path.relative_to(folder).as_posix()] = path.read_bytes()
        return Generation(*assemble(held))
    except OSError as error:
        raise DistributorError(f"cannot read {error.filename}: {error.strerror}") from error
    except ManifestError as error:
        raise DistributorError(f"{folder}: {error}") from error


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was written: the MATRIX, and all files. `left_out` says, a line each, what was not taken over and why."""

    matrix: Path
    files: tuple[Path, ...]
    left_out: tuple[str, ...]


def write_texts(generation: Generation, folder: Path) -> Adopted:
    """Write the texts of a generation into a folder, as data: settings that name files or programs become comments.

    A path with a part that begins with a dot is left out.
    Raises DistributorError, before anything is written, when a file is there already and says something else.
    """
    contents: dict[Path, bytes] = {}
    left_out: list[str] = []
    for path, content in generation.texts.items():
        if is_hidden(path) or path != safe(path):
            left_out.append(f"{path}: its name, or that of a folder, begins with a dot or has characters unseen")
            continue
        if Path(path).name.casefold() == SETTINGS_FILE:  # as a file system may that knows no case
            disowned = disown(content)
            content = disowned.content
            left_out += _explained(folder / path, disowned)
        contents[folder / path] = content
    matrix = folder / generation.manifest.matrix.partition("/")[2]
    if matrix not in contents:
        raise DistributorError(f"generation {generation.number} carries no MATRIX")
    try:
        for place, content in contents.items():
            if place.exists() and (not place.is_file() or place.read_bytes() != content):
                raise DistributorError(f"{place} is there already; choose another folder (-o)")
        for place, content in contents.items():
            write_file(place, content, mode=0o644)  # dmetad reads them as another user
    except OSError as error:
        raise DistributorError(f"cannot write {error.filename or place}: {error.strerror}") from error
    return Adopted(matrix, tuple(contents), tuple(left_out))


def is_hidden(path: str) -> bool:
    """Whether a file, or a folder of it, begins with a dot: it could be another program's own, as `.git/config`."""
    return any(part.startswith(".") for part in path.split("/"))


def _explained(path: Path, disowned: Disowned) -> list[str]:
    """What became comments in a matrix.toml, as lines."""
    if disowned.whole:
        return [f"{path}: all of it is a comment now, since {disowned.whole}"]
    return [f"{path}: {key} is a comment now" for key in disowned.left_out]
