"""Answering those who wait: first the answers, as fast as they can be sent, then what is left to do for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any, Final, Protocol

from matrix_dmetad.answers.representation import Representation
from matrix_dmetad.answers.snapshot import Snapshot, Target
from matrix_dmetad.errors import Problem
from matrix_dmetad.metrics import Metrics
from matrix_dmetad.settings import Settings

from .composition import DECIDING, compose, spelled
from .waiting import Waiter, Waiters, settle

CROWD: Final = 128
"""Answers in a row before other requests have their turn."""


class Answering(Protocol):
    """What answers requests, as far as those who wait need it."""

    settings: Settings
    metrics: Metrics
    waiters: Waiters
    current: Snapshot | None
    """The snapshot in force."""

    async def answer(self, snapshot: Snapshot, target: Target) -> Representation:
        """The answer of a snapshot. Raises Problem."""

    def log(
        self, scope: MutableMapping[str, Any], status: int, size: int, seconds: float, form: str, snapshot: Snapshot
    ) -> None:
        """Write a request to the access log."""


async def wake(app: Answering, snapshot: Snapshot) -> None:
    """Answer everybody whose answer is another in this snapshot; what is ready goes first."""
    left: list[Waiter] = []
    held = sorted(app.waiters.held, key=lambda each: snapshot.kept(each[0]) is None)
    turn = 0
    try:
        for target, etag in held:
            answer = await _answer_or_none(app, snapshot, target)
            if app.current is not snapshot:
                return  # the one that took its place wakes those who wait still
            if answer is not None and answer.etag == etag:
                continue
            woken = app.waiters.take((target, etag))
            left += woken
            sending = _Sending(app, snapshot, answer)
            for waiter in woken:
                sending.to(waiter)
                turn += 1
                if turn % CROWD == 0:
                    await asyncio.sleep(0)
    finally:
        await _end(left)


async def _answer_or_none(app: Answering, snapshot: Snapshot, target: Target) -> Representation | None:
    """The answer; None where it cannot be made now, so that each who waits is told so itself."""
    try:
        return await app.answer(snapshot, target)
    except Problem:
        return None


async def _end(waiters: list[Waiter]) -> None:
    """Let the requests go on, which have little to do any more when they are answered."""
    for turn, waiter in enumerate(waiters, 1):
        settle(waiter.future, True)
        if turn % CROWD == 0:
            await asyncio.sleep(0)


class _Sending:
    """One answer on its way to many: composed once for all whose requests are alike."""

    def __init__(self, app: Answering, snapshot: Snapshot, answer: Representation | None) -> None:
        self._app = app
        self._snapshot = snapshot
        self._answer = answer
        self._composed: dict[tuple[bytes | str | None, ...], tuple[int, bytes, bytes]] = {}

    def to(self, waiter: Waiter) -> None:
        """Send it, unless that must wait, or something newer is in force: then the request finds its answer itself."""
        answer, connection, app = self._answer, waiter.connection, self._app
        app.metrics.woken += 1
        if answer is None or connection is None or waiter.future.done() or app.current is not self._snapshot:
            return
        method = waiter.scope["method"]
        alike = (method, *(waiter.headers.get(name) for name in DECIDING))
        composed = self._composed.get(alike)
        if composed is None:
            status, headers, body = compose(self._snapshot, answer, waiter.headers, method)
            composed = self._composed[alike] = status, spelled(headers), body
        if connection.send_now(*composed):
            waiter.answered = True
            app.metrics.waited(composed[0], answer.form)
            if app.settings.access_log:
                seconds = time.perf_counter() - waiter.started
                app.log(waiter.scope, composed[0], len(composed[2]), seconds, answer.form, self._snapshot)
