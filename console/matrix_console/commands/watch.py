"""`matrix watch`, as a service `matrixd`: push on every edit, keep the hosts converged."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from matrix_common.paths import SETTINGS_FILE
from matrix_console.distribution import faults, need_state, origin_of, pool_of
from matrix_console.frame import Workspace, fail, verb
from matrix_console.reflect.rollout import reflection_of
from matrix_console.settings import SettingsError

if TYPE_CHECKING:
    from matrix_distributor.watch import WatchOptions
    from matrix_distributor.watch.reporting import LogForm


@verb(name="watch", short_help="Push every edit; keep the hosts up to date.")
@click.option(
    "--log",
    "form",
    type=click.Choice(["auto", "plain", "logfmt", "json"]),
    default="auto",
    help="Format of the log on standard error; auto: plain on a terminal, else logfmt.",
)
@click.option("--accept-new", is_flag=True, help="Accept the key of a host without a known key; never a changed key.")
@click.option("--forget", is_flag=True, help="Record that no daemon is wanted here any more, for `matrix status`.")
def command(workspace: Workspace, form: str, accept_new: bool, forget: bool) -> None:
    """Watch the MATRIX and its includes; push every edit; update hosts that were away when they return.

    SIGHUP reads the settings again. SIGTERM and Ctrl-C end in order. An edit with errors is logged once, and the
    generation before it stays in force.
    """
    from matrix_distributor import DistributorError
    from matrix_distributor.watch import Daemon
    from matrix_distributor.watch.reporting import Log

    path = workspace.path
    if forget:
        _forget(workspace)
        return

    def reread() -> WatchOptions:
        try:
            return _options(Workspace(str(path)), accept_new)
        except SettingsError as error:
            raise DistributorError(str(error)) from error

    log = Log(_form(form))
    with faults():
        daemon = Daemon(_options(workspace, accept_new), log, reread)
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop(by_person=True))
        signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
        daemon.run()


def _forget(workspace: Workspace) -> None:
    from matrix_distributor.state import OriginState, is_held

    with faults():
        need_state(workspace)
        with OriginState(workspace.vouched.state, workspace.folder) as state:
            if is_held(workspace.settings.state):
                fail("a daemon runs here: end it first", 1)
            state.life.forget()


def _options(workspace: Workspace, accept_new: bool) -> WatchOptions:
    """The settings as the daemon takes them."""
    from matrix_distributor.in_force import settings_sum
    from matrix_distributor.reflect import ReflectPlan
    from matrix_distributor.watch import Pace, WatchOptions
    from matrix_distributor.watch.edits import Rests

    read = settings_sum(workspace.folder / SETTINGS_FILE)  # before they are read: what comes later is another one
    settings = workspace.vouched
    return WatchOptions(
        origin=origin_of(workspace, ask=sys.stdin.isatty()),
        pool=lambda: pool_of(workspace, accept_new=accept_new, keep=True, ask=sys.stdin.isatty()),
        rests=Rests(settings.watch_quiet, settings.watch_patience),
        poll=settings.watch_poll,
        pace=Pace(settings.watch_retry, settings.watch_retry_max, settings.watch_verify),
        repair=settings.watch_repair,
        sudo=settings.push_sudo,
        here=settings.self,
        local=settings.push_local,
        host_limit=settings.push_host_limit,
        gated=bool(settings.push_account),
        metrics=settings.watch_metrics,
        metrics_names=settings.watch_metrics_names,
        reflection=reflection_of(workspace) or ReflectPlan(),
        entries=lambda: workspace.reflect_entries,
        notices=workspace.verdict.notices,
        settings=read,
    )


def _form(wanted: str) -> LogForm:
    if wanted == "auto":
        return "plain" if sys.stderr.isatty() else "logfmt"
    return wanted  # type: ignore[return-value]  # click lets no other through
