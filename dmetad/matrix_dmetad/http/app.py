"""The ASGI application: a request is checked, its target looked up in the snapshot in force, and the answer sent."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any, Final
from urllib.parse import urlencode

from matrix_dmetad import access_log
from matrix_dmetad.answers.query import parse_query
from matrix_dmetad.answers.representation import Representation, represent_problem
from matrix_dmetad.answers.snapshot import Snapshot, Target
from matrix_dmetad.errors import Problem
from matrix_dmetad.metrics import Metrics
from matrix_dmetad.settings import Settings

from .about import About
from .composition import DECIDING, compose, joined
from .guard import Guard, canonical
from .negotiation import accepted
from .places import LONGEST_WAITING, Places
from .validators import unchanged
from .waiting import Waiter, Waiters
from .waking import wake

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Found = tuple[Snapshot | None, Representation, bool]
"""The snapshot an answer was made from, the answer, and whether the request waited for it."""

_RETRY: Final = ((b"retry-after", b"1"),)
_MOST_PREPARED: Final = 500
_MOST_BEING_MADE: Final = 200
"""Different answers being made or waiting for that. Those who ask for the same one share it."""


class App:
    """Answers from `current`, which `replace` changes from one moment to the next."""

    def __init__(
        self, settings: Settings, metrics: Metrics, executor: Executor | None, myself: Callable[[], str]
    ) -> None:
        """`executor` makes answers that are not ready; `myself` says which name this machine goes by."""
        self.settings = settings
        self.metrics = metrics
        self.guard = Guard(settings)
        self.places = Places(settings)
        self.waiters = Waiters()
        self.current: Snapshot | None = None
        self.connections: Callable[[], int] = lambda: 0
        self._executor = executor
        self._being_made: dict[tuple[str, Target], asyncio.Future[Representation]] = {}
        self._myself = myself
        self._own = About(self)
        self._tasks: set[asyncio.Task[None]] = set()

    def configure(self, settings: Settings) -> None:
        """Go by these settings from the next request on. The snapshot in force must be replaced right after."""
        if settings != self.settings:
            self.settings = settings
            self.guard = Guard(settings)
            self.places.configure(settings)

    @property
    def wanted(self) -> tuple[Target, ...]:
        """What the next snapshot should have ready: what is waited for, and what was asked last."""
        asked = self.current.asked[-_MOST_PREPARED:] if self.current is not None else ()
        held = dict.fromkeys(target for target, _ in self.waiters.held)
        return tuple(dict.fromkeys((*list(held)[:_MOST_PREPARED], *asked)))

    def log(self, scope: Scope, status: int, size: int, seconds: float, form: str, snapshot: Snapshot | None) -> None:
        """Write a request to the access log; a log that cannot be written takes nobody's answer away."""
        if not access_log.write(scope, status, size, seconds, form, snapshot.name if snapshot else ""):
            self.metrics.lost_lines += 1

    def replace(self, snapshot: Snapshot) -> None:
        """Put a snapshot in force, and wake those whose answer it changes. No request has something of both."""
        self.current = snapshot
        if self.waiters.count:
            task = asyncio.get_running_loop().create_task(wake(self, snapshot))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def __call__(self, scope: Scope, receive: object, send: Send) -> None:
        """One request (ASGI 3.0)."""
        if scope["type"] != "http":
            raise RuntimeError(f"dmetad speaks http, not {scope['type']}")
        started = time.perf_counter()
        headers = joined(scope["headers"])
        try:
            if not self.guard.within_rate(_client(scope), time.monotonic()):
                raise Problem(429, "too-often", f"at most {self.settings.rate:g} requests a second", headers=_RETRY)
            self.guard.check(scope, headers)
            found = await self._find(scope, headers, started)
            if found is None:
                return
            snapshot, answer, waited = found
        except Problem as problem:
            forms = accepted(headers.get(b"accept"))
            snapshot, waited = self.current, False
            answer = represent_problem(problem, forms[0] if forms and forms[0] != "html" else "text", shared=False)
        status, sent, body = compose(snapshot, answer, headers, scope["method"])
        connection = scope.get("extensions", {}).get("dmetad.connection")
        if connection is not None:
            if not await connection.send_whole(status, sent, body):
                return  # the client has gone away
        else:
            await send({"type": "http.response.start", "status": status, "headers": sent})
            await send({"type": "http.response.body", "body": body})
        seconds = time.perf_counter() - started
        if waited:
            self.metrics.waited(status, answer.form)
        else:
            self.metrics.answered(status, answer.form, seconds)
        if self.settings.access_log:
            self.log(scope, status, len(body), seconds, answer.form, snapshot)
        elif answer.shared and snapshot is not None and not waited:
            remember = scope.get("extensions", {}).get("dmetad.remember")
            if remember is not None:
                remember(snapshot, status, answer.form, sent, body)

    async def _find(self, scope: Scope, headers: dict[bytes, bytes], started: float) -> Found | None:
        """The answer; None when it has been sent already, to a request that waited. Raises Problem."""
        path, raw_query = scope["raw_path"], scope["query_string"]
        forms = accepted(headers.get(b"accept"))
        own = self._own.get(path)
        if own is not None:
            if path == b"/@metrics":
                self.guard.check_own_host(headers.get(b"host", b""), self._is_ours)
            return self.current, own(forms, parse_query(raw_query)), False
        wait = None
        tag = headers.get(b"if-none-match", b"")
        if raw_query and (b"wait" in raw_query or b"etag" in raw_query or b"%" in raw_query):
            query = parse_query(raw_query)
            wait, tag = query.wait(), (query.get("etag") or "").encode() or tag
            raw_query = urlencode(query.without("wait", "etag").items).encode()
        caller = self._caller(scope) if b"self" in path else None
        target = Target(path, raw_query, forms, caller)
        snapshot, answer = await self._now(target)
        if wait is None or answer.status != 200 or (tag and not unchanged(tag, answer)):
            return snapshot, answer, False
        if self.waiters.count >= self.settings.waiters:
            raise Problem(503, "too-many-waiting", "too many requests wait already", headers=_RETRY)
        connection = scope.get("extensions", {}).get("dmetad.connection")
        place = connection.place if connection is not None else None
        if not self.places.may_wait(place):
            raise Problem(503, "too-many-waiting", "too many requests of this client wait already", headers=_RETRY)
        _lighten(scope, headers)
        future = asyncio.get_running_loop().create_future()
        waiter = Waiter(scope, headers, connection, started, future)
        self.places.waits(place, 1)
        try:
            await self.waiters.wait((target, answer.etag), waiter, min(wait, self.settings.longest_wait))
        finally:
            self.places.waits(place, -1)
        return None if waiter.answered else (*(await self._now(target)), True)

    async def _now(self, target: Target) -> tuple[Snapshot, Representation]:
        """The answer of the snapshot in force when it is ready, which is the one in force when this returns."""
        while True:
            snapshot = self.current
            if snapshot is None:
                raise Problem(503, "not-ready", "no generation is loaded on this host yet", headers=_RETRY)
            answer = await self.answer(snapshot, target)
            if snapshot is self.current:
                return snapshot, answer

    async def answer(self, snapshot: Snapshot, target: Target) -> Representation:
        """The answer of a snapshot, made now if it is not ready. Raises Problem when too much is being made already."""
        answer = snapshot.kept(target)
        if answer is None:
            answer = await self._make(snapshot, target)
            snapshot.keep(target, answer)
        return answer

    async def _make(self, snapshot: Snapshot, target: Target) -> Representation:
        if self._executor is None:
            return snapshot.make(target, time.time())
        key = (snapshot.name, target)
        making = self._being_made.get(key)
        if making is None:
            if len(self._being_made) >= _MOST_BEING_MADE:
                raise Problem(503, "busy", "too many answers are being made already", headers=_RETRY)
            loop = asyncio.get_running_loop()
            making = self._being_made[key] = loop.run_in_executor(self._executor, snapshot.make, target, time.time())
            making.add_done_callback(lambda _: self._being_made.pop(key, None))
        return await asyncio.shield(making)

    def _is_ours(self, name: str) -> bool:
        """Whether it is a name of this machine, or of a host of the MATRIX."""
        if name in (socket.gethostname().lower(), self._myself().lower()):
            return True
        return self.current is not None and name in self.current.facts.view.index

    def _caller(self, scope: Scope) -> str | None:
        """The name of the host that asks: by its address, or this very machine when it asks itself."""
        if self.current is None:
            return None
        client = _client(scope)
        address = canonical(client) if client is not None else None
        if address is None or address.is_loopback:
            host = self.current.facts.myself(self._myself())
        else:
            host = self.current.by_address.get(str(address))
        return host.name if host is not None else None


def _lighten(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """Let go of the headers that decide nothing about an answer to come. Raises Problem when the others are long."""
    for name in headers.keys() - {*DECIDING, b"accept"}:
        del headers[name]
    if sum(map(len, headers.values())) > LONGEST_WAITING:
        raise Problem(
            431, "headers-too-big", f"such headers have at most {LONGEST_WAITING} bytes in a request that waits"
        )
    scope["headers"].clear()


def _client(scope: Scope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None
