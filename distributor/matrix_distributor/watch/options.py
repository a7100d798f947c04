"""What the daemon is told when it starts, and again when its settings are read anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from matrix_common.trouble import Notice
from matrix_distributor.origin.origin import Origin
from matrix_distributor.reflect.standing import ReflectPlan
from matrix_distributor.transport.pool import Pool
from matrix_distributor.watch.edits.rest import Rests
from matrix_emitters.reflection.model import Configuration

from .convergence import Pace


@dataclass(frozen=True)
class WatchOptions:
    """How to watch and converge; times in seconds.

    `rests` is how long a text must rest before it is taken, `poll` how often it is looked at whatever events say.
    `pool` opens the connections. `here` is the setting that names this machine among the hosts, `local` whether the
    generation is installed on it too. `host_limit` (0: none) is the most hosts that anything is pushed to. `metrics` is
    a loopback address and a port at which figures are served (empty: nowhere), `metrics_names` are Host names
    under which they may be asked for besides loopback's.
    `gated` says that the pool logs in as the account that `matrix enroll` makes. `reflection` is what is reflected
    along with every generation, `entries` all that can be reflected, with what the settings allow in it. `notices`
    is what the next release refuses of the settings and what they name. `settings` is the sha256 of the matrix.toml
    that all of this was read from.
    """

    origin: Origin
    pool: Callable[[], Pool]
    rests: Rests = field(default_factory=Rests)
    poll: float = 15.0
    pace: Pace = field(default_factory=Pace)
    repair: bool = False
    sudo: bool = False
    here: str = ""
    local: bool = True
    host_limit: int = 0
    metrics: str = ""
    metrics_names: tuple[str, ...] = ()
    gated: bool = False
    reflection: ReflectPlan = field(default_factory=ReflectPlan)
    entries: Callable[[], Iterable[Configuration]] = tuple
    notices: tuple[Notice, ...] = ()
    settings: str = ""
