"""Watching the text and keeping the hosts converged: the whole line of the house, run on a hint or on a timer."""

from matrix_distributor.watch.edits.rest import Rests
from matrix_distributor.watch.reporting.log import Log, LogForm

from .convergence import Convergence, Pace
from .daemon import Daemon
from .options import WatchOptions

__all__ = ["Convergence", "Daemon", "Log", "LogForm", "Pace", "Rests", "WatchOptions"]
