"""What the origin remembers, in `.matrix/state.db` beside the MATRIX."""

from .errors import StateError
from .records import HostRecord, Past, ReflectRecord
from .store import State

__all__ = ["HostRecord", "Past", "ReflectRecord", "State", "StateError"]
