"""The snapshot in force, kept up to date: built aside in a thread of its own, swapped in between two requests."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from matrix_dmetad.answers.snapshot import Snapshot, Target
from matrix_dmetad.errors import DmetadError
from matrix_dmetad.http.app import App
from matrix_dmetad.metrics import Metrics

from .snapshots import Signature, SnapshotSource

_MOST_LOOKS = 20
"""Looks at a file that changes on and on until it is read all the same."""

_FIRST_RETRY = 1.0
_LONGEST_RETRY = 60.0
"""Seconds until what could not be loaded is tried again, though nothing tells of a change: a disk comes back, memory
and descriptors become free. The time doubles.
"""


class Reloading:
    """Looks for changes, loads, and swaps. Everything but `_build` and `_release` runs in the loop's thread."""

    def __init__(
        self,
        app: App,
        origin: SnapshotSource,
        metrics: Metrics,
        say: Callable[[str], None],
        told: Callable[[], None],
    ) -> None:
        """`say` writes a line to the log; `told` is called after each load, good or bad."""
        self._app = app
        self._origin = origin
        self._metrics = metrics
        self._say = say
        self._told = told
        self._builder = ThreadPoolExecutor(1, "load")
        self._wanted = asyncio.Event()
        self._tried: Signature | None = None
        self._failed = ""
        self._retry = _FIRST_RETRY
        self._again = math.inf

    def now(self) -> None:
        """Load again, whether or not something has changed (SIGHUP). Many at once are one."""
        self._tried = None
        self._wanted.set()

    async def first(self) -> None:
        """Load for the first time."""
        self._tried = self._origin.signature()
        await self._load()

    async def run(self) -> None:
        """Load whenever there may be something new, until cancelled."""
        try:
            while True:
                self._wanted.clear()
                signature = self._origin.signature()
                if signature != self._tried or time.monotonic() >= self._again:
                    if signature != self._tried is not None and self._origin.settles:
                        signature = await self._at_rest(signature)
                    self._tried = signature
                    await self._load()
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), self._app.settings.poll)
        finally:
            self._builder.shutdown(wait=False, cancel_futures=True)

    async def _at_rest(self, signature: Signature) -> Signature:
        """The signature once it stays the same: an editor that writes in place has an empty file for a moment."""
        for _ in range(_MOST_LOOKS):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self._app.settings.poll / 2)
                return self._origin.signature()  # SIGHUP: somebody knows that it is
            before, signature = signature, self._origin.signature()
            if before == signature:
                break
        return signature

    async def _load(self) -> None:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        before = self._app.current
        built = await loop.run_in_executor(self._builder, self._build, before, self._app.wanted)
        if isinstance(built, str):
            self._metrics.failed_loads += 1
            self._again = time.monotonic() + self._retry
            self._retry = min(2 * self._retry, _LONGEST_RETRY)
            if built != self._failed:
                self._say(f"not loaded, {before.name if before else 'nothing'} stays in force: {built}")
            self._failed = built
            self._metrics.refused = True
            if before is not None:
                before.refused = built
        else:
            self._failed, self._retry, self._again = "", _FIRST_RETRY, math.inf
            self._metrics.refused = False
            if before is not None and built.says_the_same_as(before):
                self._metrics.loads += 1
                before.refused = ""
                before = built
            else:
                self._swap(built, time.perf_counter() - started)
            del built
            if before is not None:
                hosts = before.retire()
                del before
                loop.run_in_executor(self._builder, _release, hosts)
        self._told()

    def _swap(self, snapshot: Snapshot, seconds: float) -> None:
        metrics = self._metrics
        if snapshot.settings.listen != self._app.settings.listen:
            self._say("listen has changed: in force after a restart")
        self._app.configure(snapshot.settings)
        self._app.replace(snapshot)
        metrics.loads += 1
        metrics.load_seconds = seconds
        metrics.generation = snapshot.view.generation
        metrics.name = snapshot.name
        metrics.snapshot_time = snapshot.modified
        metrics.loaded_time = time.time()
        self._say(f"{snapshot.name} in force: {len(snapshot.view.hosts)} hosts, loaded in {seconds:.3f} s")

    def _build(self, before: Snapshot | None, wanted: tuple[Target, ...]) -> Snapshot | str:
        """The new snapshot with what is asked for made ready, or why there is none.

        The collector rests meanwhile, and what was built is then taken out of its sight: looking through all
        hosts of a fleet would hold every answer up for tens of milliseconds.
        """
        gc.collect(1)
        gc.disable()
        try:
            built = self._origin.load(before)
            built.prepare(wanted, time.time())
            gc.freeze()
        except DmetadError as error:
            return str(error)
        finally:
            gc.enable()
        return built


def _release(hosts: list[object]) -> None:
    """Free hosts one by one: a whole Fleet freed at once would hold every answer up for milliseconds.

    Then the memory is given back, which glibc would keep for the next snapshot (malloc_trim(3)).
    """
    while hosts:
        hosts.pop()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
