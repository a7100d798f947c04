"""What the origin remembers, in `.matrix/state.db` beside the MATRIX."""

from .errors import StateError
from .life import Life, Sign, hold, is_held
from .records import HostRecord, Past, ReflectRecord
from .store import OriginState

__all__ = ["HostRecord", "Life", "OriginState", "Past", "ReflectRecord", "Sign", "StateError", "hold", "is_held"]
