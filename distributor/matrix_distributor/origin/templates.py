"""Own templates for reflection: a folder of `*.j2` beside the MATRIX, texts of the origin like the MATRIX itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from matrix_common.trust import Judge, UntrustedError, trusted_here
from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.generation import Generation, OriginFile

SUFFIX = ".j2"


def own_templates(folder: Path, site: Path) -> list[OriginFile]:
    """The templates in a folder of a MATRIX's, by name; none where there is no folder. Raises DistributorError."""
    try:
        paths = sorted(path for path in folder.iterdir() if is_template(path) and path.is_file())
        judge = Judge(trusted_here(), site)
        found = []
        for path in paths:
            content, verdict = judge.read(path)
            verdict.insist()  # what it writes may be a configuration that names programs
            found.append(OriginFile(path, content))
        return found
    except UntrustedError as error:
        raise DistributorError(str(error)) from error
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DistributorError(f"cannot read {error.filename}: {error.strerror}") from error


def is_template(path: Path) -> bool:
    """Whether a file of the folder counts: not what an editor leaves there."""
    return path.suffix == SUFFIX and not path.name.startswith(".")


def templates_of(generation: Generation) -> dict[str, str]:
    """The own templates that a generation carries, by file name. Raises DistributorError when one is not UTF-8."""
    texts = (OriginFile(Path(path), content) for path, content in generation.texts.items() if path.endswith(SUFFIX))
    return decoded(texts)


def decoded(texts: Iterable[OriginFile]) -> dict[str, str]:
    """Templates by file name. Raises DistributorError when one is not UTF-8."""
    found = {}
    for text in texts:
        try:
            found[text.path.name] = text.content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DistributorError(f"{text.path} is not UTF-8: {error}") from error
    return found
