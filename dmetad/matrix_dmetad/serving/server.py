"""The server: sockets, uvicorn with its loop, signals, systemd, and the tasks beside the answers."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvicorn

from matrix_common.paths import host_root, installed_name
from matrix_common.service import Notifier, passed_sockets
from matrix_dmetad.access_log import put
from matrix_dmetad.errors import DmetadError
from matrix_dmetad.http.app import App
from matrix_dmetad.http.connection import Connection, bound
from matrix_dmetad.metrics import Metrics

from .options import Invocation
from .reloading import Reloading
from .snapshots import CurrentGeneration, PlainFile, SnapshotSource

_BACKLOG = 4_096
_SWEEP = 1.0
"""Seconds between two looks for slow clients."""

_TURN = 0.001
"""Seconds after which a thread that builds lets the loop go on (CPython's own 5 ms would show in every answer)."""


class Server(uvicorn.Server):
    """uvicorn's server, with what runs beside the answers from its start to its end."""

    def __init__(self, config: uvicorn.Config, app: App, reloading: Reloading, notifier: Notifier) -> None:
        super().__init__(config)
        self._app = app
        self._reloading = reloading
        self._notifier = notifier
        self._beside: list[asyncio.Task[None]] = []
        app.connections = lambda: len(self.server_state.connections)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load, take requests, and say so: who connects meanwhile waits in the socket's queue.

        A host without a generation is ready too: it says 503 until one arrives.
        """
        await self._reloading.first()
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._reloading.now)
        self._beside = [loop.create_task(self._reloading.run()), loop.create_task(self._sweep())]
        if self._notifier.interval is not None:
            self._beside.append(loop.create_task(self._watchdog(self._notifier.interval)))
        self._notifier.ready("listening")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those who wait go with an answer, then those who are being answered."""
        self._notifier.stopping()
        self.config.timeout_graceful_shutdown = int(self._app.settings.grace) or 1
        self._app.waiters.close()
        for task in self._beside:
            task.cancel()
        await super().shutdown(sockets)

    async def main_loop(self) -> None:
        """Until a signal, or until a task beside the answers has failed: that is a bug, and must be seen."""
        main = asyncio.ensure_future(super().main_loop())
        done, _ = await asyncio.wait([main, *self._beside], return_when=asyncio.FIRST_COMPLETED)
        if main not in done:
            self.should_exit = True
            await main
            for task in done:
                task.result()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.cut_if_slow(now)

    async def _watchdog(self, seconds: float) -> None:
        while True:
            self._notifier.alive()
            await asyncio.sleep(seconds)


def serve(called: Invocation) -> None:
    """Serve until SIGTERM or SIGINT. Raises DmetadError or SettingsError when it cannot start."""
    environment = called.environment
    file = called.file
    origin: SnapshotSource = (
        PlainFile(file, called.over) if file else CurrentGeneration(host_root(environment), called.over)
    )
    settings = origin.settings()
    sockets = passed_sockets(environment, os.getpid()) or [listen(address) for address in settings.listen]
    metrics = Metrics(time.time())
    notifier = Notifier(environment, os.getpid())
    sys.setswitchinterval(_TURN)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # what a client can cause is counted, not logged
    executor = ThreadPoolExecutor(1, "answer")
    app = App(settings, metrics, executor, lambda: own_name(environment))

    def told() -> None:
        notifier.status(f"answering from {metrics.name or 'nothing yet'}, {metrics.failed_loads} bad loads")

    for listening in sockets:
        log(f"listening on {spelled(listening)}")
    reloading = Reloading(app, origin, metrics, log, told)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=bound(app),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
    )
    try:
        Server(config, app, reloading, notifier).run(sockets)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        _remove(settings.listen)


def listen(address: str) -> socket.socket:
    """A listening socket for `ADDRESS:PORT`, `[ADDRESS]:PORT` or `unix:PATH`. Raises DmetadError."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    path = address.removeprefix("unix:") if address.startswith("unix:") else None
    family = socket.AF_UNIX if path is not None else socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if path is not None:
            if os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode):
                os.unlink(path)
            made.bind(path)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host or "127.0.0.1", int(port)))
        made.listen(_BACKLOG)
    except (OSError, ValueError, OverflowError) as error:
        made.close()
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise DmetadError(f"cannot listen on {address}: {reason.lower()}; --listen names another") from error
    return made


def _remove(addresses: tuple[str, ...]) -> None:
    for address in addresses:
        if address.startswith("unix:"):
            Path(address.removeprefix("unix:")).unlink(missing_ok=True)


def spelled(listening: socket.socket) -> str:
    """Where a socket listens, as an address for people."""
    name: Any = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f"unix:{name}"
    return f"http://[{name[0]}]:{name[1]}" if listening.family == socket.AF_INET6 else f"http://{name[0]}:{name[1]}"


def own_name(environment: Mapping[str, str]) -> str:
    """What this machine is called in the MATRIX: DSAS_SELF, else /etc/dsas.d/self, else its host name."""
    if environment.get("DSAS_SELF"):
        return environment["DSAS_SELF"]
    return installed_name(environment) or socket.gethostname()


def log(line: str) -> None:
    """A line on standard error, where the journal takes it from."""
    put(f"dmetad: {line}")
