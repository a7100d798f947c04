"""What is written and not in force: of the text, of reflected files, and of the daemon that carries them."""

from .daemon import Watching, of_state, settings_sum
from .pending import Kind, Pending
from .text import last_change, of_text

__all__ = [
    "Kind",
    "Pending",
    "Watching",
    "last_change",
    "of_state",
    "of_text",
    "settings_sum",
]
