"""What the origin remembers, in `.matrix/state.db` beside the MATRIX."""

from .records import HostRecord, Past, ReflectRecord
from .store import State, StateError

__all__ = ["HostRecord", "Past", "ReflectRecord", "State", "StateError"]
