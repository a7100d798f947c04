"""Taking over as origin, from what any host holds: its generation in force, with the MATRIX in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from matrix_emitters import ManifestError

from .archive import INDEX, assemble, unpack
from .errors import DistributorError
from .files import write_atomically
from .generation import Generation
from .install import Trouble, export_command, read_state
from .reach import Converse
from .transport import Dialogue, Failure, Target

HOME = Path("var/lib/dsas")
_SELF = re.compile(rb"^(\s*self\s*=.*)$", re.MULTILINE)


def from_host(target: Target, converse: Converse, *, sudo: bool = False) -> Generation:
    """The generation in force on a host, over SSH. Raises DistributorError when it cannot be had whole."""
    for _, answer in converse([(target, _export(sudo))]):
        if isinstance(answer, Failure):
            raise DistributorError(f"{target.name}: {answer.stage}: {answer.cause}; {answer.cure}")
        if isinstance(answer, Trouble):
            raise DistributorError(f"{target.name}: {answer.cause}; {answer.cure}")
        return _generation(target.name, answer)
    raise DistributorError(f"{target.name} did not answer")


def _export(sudo: bool) -> Dialogue[bytes | Trouble]:
    reply = yield export_command(sudo)
    if reply.status == 0 and not reply.stdout.startswith(b"dsas 1 "):
        return reply.stdout
    state = read_state(reply)
    if isinstance(state, Trouble):
        return state
    return Trouble("it has no generation", "adopt from a host that has one")


def _generation(name: str, archive: bytes) -> Generation:
    try:
        return Generation(*unpack(archive))
    except (DistributorError, ManifestError) as error:
        raise DistributorError(f"{name}: {error}; adopt from another host") from error


def from_folder(folder: Path) -> Generation:
    """The generation in force in a host's own files: `/var/lib/dsas`, a root that holds it, or one generation's folder.

    Raises DistributorError when there is none, or it is not whole.
    """
    home = next((place for place in (folder, folder / HOME) if (place / "current").is_file()), None)
    try:
        if home is not None:
            name = (home / "current").read_text(encoding="ascii", errors="replace").split(" ")[0]
            folder = home / "generations" / Path(name).name
        if not (folder / INDEX).is_file():
            raise DistributorError(f"there is no generation in force in {folder}")
        held = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
        return Generation(*assemble(held))
    except OSError as error:
        raise DistributorError(f"cannot read {error.filename}: {error.strerror}") from error
    except ManifestError as error:
        raise DistributorError(f"{folder}: {error}") from error


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def write_texts(generation: Generation, folder: Path) -> tuple[Path, list[Path]]:
    """Write the texts of a generation into a folder; gives the MATRIX, and all files.

    A setting `self`, which names the former origin, is made a comment. Raises DistributorError, before anything is
    written, when a file is there already and says something else.
    """
    contents = {folder / path: _disown(path, content) for path, content in generation.texts.items()}
    if not contents:
        raise DistributorError(f"generation {generation.number} carries no MATRIX")
    for path, content in contents.items():
        if path.exists() and path.read_bytes() != content:
            raise DistributorError(f"{path} is there already; choose another folder (-o)")
    for path, content in contents.items():
        write_atomically(path, content)
    return folder / generation.manifest.matrix.partition("/")[2], list(contents)


def _disown(path: str, content: bytes) -> bytes:
    if Path(path).name != "matrix.toml":
        return content
    return _SELF.sub(rb"# \1   # named the former origin", content)
