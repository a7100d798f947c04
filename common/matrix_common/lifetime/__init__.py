"""What a `with` closes, and the end of a child process."""

from .child import end_child
from .closing import Closing

__all__ = ["Closing", "end_child"]
