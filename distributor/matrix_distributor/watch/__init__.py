"""Watching the text and keeping the hosts converged: the whole line of the house, run on a hint or on a timer."""

from .convergence import Convergence, Pace
from .daemon import Daemon
from .log import Log, LogForm
from .options import WatchOptions
from .rest import Rests

__all__ = ["Convergence", "Daemon", "Log", "LogForm", "Pace", "Rests", "WatchOptions"]
