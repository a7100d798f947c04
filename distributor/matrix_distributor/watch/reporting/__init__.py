"""What the daemon reports: its log, figures for Prometheus, signs for systemd."""

from .log import Log, LogForm

__all__ = [
    "Log",
    "LogForm",
]
