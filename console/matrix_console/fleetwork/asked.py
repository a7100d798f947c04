"""What the options shared by FORALL, SYNCALL and DIFFALL ask for, and the session that it makes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Protocol

import click

from matrix_console.distribution import ssh_of
from matrix_console.frame import Fault, Workspace, fail

from .calling import share

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import Chosen, Session, Waves


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options that all three have, as they were given; `rolling` and `pause` are of the two that have waves."""

    hosts: tuple[str, ...]
    all_: bool
    exclude: tuple[str, ...]
    fanout: int | None
    timeout: float | None
    total: float | None
    retry: int
    sudo: bool
    ssh_here: bool
    accept_new: bool
    json_: bool
    rolling: str | None = None
    pause: float = 0.0

    def pace(self, hosts: int) -> Waves:
        """How so many hosts follow one another. Raises BadParameter for what is no share of them."""
        from matrix_distributor.fleetwork import Waves

        size = share(self.rolling, hosts)
        return Waves(rolling=size, pause=self.pause, retry=self.retry, total=self.total or None)


@contextmanager
def session(
    workspace: Workspace, asked: Asked, name: str, *, timeout: float | None, keep: bool = False, dry: bool = False
) -> Iterator[tuple[Session, Chosen]]:
    """A session with the hosts of the MATRIX, and those that are meant; Ctrl-C stops it, a second one ends it.

    `timeout` in seconds bounds a command where `--timeout` says nothing else, which bounds all of a host. Mistakes of
    the user end with status 2.
    """
    from matrix_distributor import DistributorError
    from matrix_distributor.fleetwork import Session
    from matrix_distributor.transport import TransportError

    if not asked.hosts:
        fail("no hosts are named: give a selector first, or '*' for all hosts", 2)
    fleet = workspace.fleet()
    options, stages = ssh_of(workspace, accept_new=asked.accept_new, dry=dry)
    limit = timeout if asked.timeout is None else asked.timeout
    try:
        with Session(
            fleet, options, fanout=asked.fanout or workspace.settings.hosts_fanout, timeouts=stages, timeout=limit,
            whole=asked.timeout or None,
            local=not asked.ssh_here, named=workspace.settings.self, sudo=asked.sudo, keep=keep,
        ) as opened:  # fmt: skip
            chosen = opened.choose(asked.hosts, exclude=asked.exclude, all_=asked.all_)
            with interruptible(opened, name):
                yield opened, chosen
    except (DistributorError, TransportError) as error:
        raise Fault(str(error), 2) from error


class Stoppable(Protocol):
    """Work on hosts that can be told to come to an end, from a signal handler."""

    def stop(self, why: str) -> None:
        """Begin with no further host."""

    def abort(self, why: str) -> None:
        """End what runs, too."""


@contextmanager
def interruptible(session: Stoppable, name: str) -> Iterator[Callable[[], bool]]:
    """Ctrl-C once: no further hosts; twice, or SIGTERM or SIGHUP: what runs on the hosts is ended as well.

    Gives what tells whether it came to that.
    """
    times, given, amid = 0, list[int](), False

    def interrupted(number: int, _frame: FrameType | None) -> None:
        """One after another: a signal that comes amid the work of the one before may not wait for what that holds."""
        nonlocal amid
        given.append(number)
        while given and not amid:
            amid = True
            try:
                take(given.pop(0))
            finally:
                amid = False

    def take(number: int) -> None:
        nonlocal times
        times += 1
        if number == signal.SIGINT and times == 1:
            session.stop("stopped by Ctrl-C")
            _say(f"{name}: no further host is begun; those that run may end (Ctrl-C again ends them too)")
        else:
            session.abort(f"ended by {'Ctrl-C' if number == signal.SIGINT else signal.Signals(number).name}")
            _say(f"{name}: ending what runs on the hosts")

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: times > 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    click.echo(f"\n{line}" if sys.stderr.isatty() else line, err=True)
