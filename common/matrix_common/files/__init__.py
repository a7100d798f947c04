"""Files: written whole or not at all; read and unpacked within bounds."""

from .inflation import InflationError, inflate, slices
from .leases import open_for_writing
from .unpacking import UnpackingError, plain_files
from .writer import ChangedMeanwhileError, Original, create, insist_on_a_file, staged, write_file, written_at

__all__ = [
    "ChangedMeanwhileError",
    "InflationError",
    "Original",
    "UnpackingError",
    "create",
    "inflate",
    "insist_on_a_file",
    "open_for_writing",
    "plain_files",
    "slices",
    "staged",
    "write_file",
    "written_at",
]
