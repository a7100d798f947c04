"""What a service needs of the machine that runs it."""

from .systemd import Notifier

__all__ = [
    "Notifier",
]
