"""Files of the origin's own, written so that each is old or new at any moment."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from matrix_grammar import strange_link

from .errors import DistributorError


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` in place at `path` by rename, keeping the mode of what was there; of a link, at what it points to.

    Raises DistributorError when it cannot be written, as through a link of somebody else's; then what was there still
    is.
    """
    strange = strange_link(str(path))
    if strange:
        raise DistributorError(f"cannot write {path}: {strange}")
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise DistributorError(f"cannot write {path}: {error.strerror}") from error
