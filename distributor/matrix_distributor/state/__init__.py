"""What the origin remembers, in `.matrix/state.db` beside the MATRIX."""

from .errors import StateError
from .life import Life, Sign, hold, is_held
from .records import HostRecord, Past, ReflectRecord
from .store import State

__all__ = ["HostRecord", "Life", "Past", "ReflectRecord", "Sign", "State", "StateError", "hold", "is_held"]
