"""The paths that speak of the server itself: health, readiness, metrics, its description, and the pages' files."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final, Protocol

from matrix_common.service import CONTENT_TYPE
from matrix_dmetad.answers.documents import Document
from matrix_dmetad.answers.formats import NAMES, SUFFIXES, spell
from matrix_dmetad.answers.query import Query
from matrix_dmetad.answers.representation import UNCHANGING, VARY, Representation, represent
from matrix_dmetad.answers.snapshot import Snapshot
from matrix_dmetad.errors import Problem
from matrix_dmetad.metrics import Metrics

from .waiting import Waiters

Answer = Callable[[tuple[str, ...], Query], Representation]

_METRICS_TYPE: Final = CONTENT_TYPE.encode()


class Server(Protocol):
    """What a server tells of itself."""

    metrics: Metrics
    waiters: Waiters
    connections: Callable[[], int]
    """How many connections there are."""
    current: Snapshot | None
    """The snapshot in force."""


class About:
    """The answers by path. They are made for each request, and need no snapshot."""

    def __init__(self, server: Server) -> None:
        self._server = server
        paths: dict[bytes, Answer] = {
            b"/@health": self._health,
            b"/@ready": self._ready,
            b"/@metrics": self._metrics,
            b"/@openapi.json": self._openapi,
            b"/@dmetad.css": lambda forms, query: _file("dmetad.css", b"text/css; charset=utf-8"),
            b"/@dmetad.js": lambda forms, query: _file("dmetad.js", b"text/javascript; charset=utf-8"),
        }
        self.get = paths.get

    def _health(self, forms: tuple[str, ...], query: Query) -> Representation:
        """That requests are answered."""
        return _spelled({"status": "ok"}, "ok", forms, query)

    def _ready(self, forms: tuple[str, ...], query: Query) -> Representation:
        """Whether there is something to answer from."""
        snapshot = self._server.current
        if snapshot is None:
            raise Problem(
                503, "not-ready", "no generation is loaded on this host yet", headers=((b"retry-after", b"1"),)
            )
        return _spelled({"status": "ready", "snapshot": snapshot.name}, "ready", forms, query)

    def _metrics(self, forms: tuple[str, ...], query: Query) -> Representation:
        query.only()
        body = self._server.metrics.exposition(time.time(), self._server.connections(), self._server.waiters.count)
        return Representation(200, "text", body, b"", ((b"content-type", _METRICS_TYPE), UNCHANGING), shared=False)

    def _openapi(self, forms: tuple[str, ...], query: Query) -> Representation:
        query.only()
        return _description()


def _spelled(value: dict[str, str], word: str, forms: tuple[str, ...], query: Query) -> Representation:
    query.only()
    name = query.get("format")
    form = SUFFIXES.get(name, "") if name is not None else next((form for form in forms if form in NAMES), "text")
    if form not in NAMES:
        raise Problem(406, "not-acceptable", f"there are {', '.join(NAMES)}")
    document = Document(value, lambda: (("DSAS_STATUS", word),))
    body = spell(document, form)
    made = represent(body, form, headers=(VARY, UNCHANGING), shared=False)
    return Representation(200, form, body, b"", made.headers, shared=False)


@cache
def _file(name: str, kind: bytes) -> Representation:
    body = (files("matrix_dmetad.http") / "static" / name).read_bytes()
    return represent(body, "text", media_type=kind, shared=False, dated=False)


@cache
def _description() -> Representation:
    from matrix_dmetad.answers.openapi import description  # made once, when somebody asks

    return represent(description(), "json", shared=False, dated=False)
