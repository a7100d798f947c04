"""From the answer to a request to what is sent when the same bytes ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from matrix_dmetad.answers.memory import Remembered

from .composition import spelled

if TYPE_CHECKING:
    from matrix_dmetad.answers.snapshot import Snapshot


class Rememberer:
    """Keeps the answer to one request in the memory of the snapshot that it was made from."""

    __slots__ = ("_request",)

    def __init__(self, request: bytes) -> None:
        self._request = request

    def __call__(
        self, snapshot: Snapshot, status: int, form: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        """Keep it, where the same request is to be answered alike."""
        if status in (200, 304, 404):
            block = spelled(headers) + b"\r\n"
            snapshot.memory.add(self._request, Remembered(status, form, STATUS_LINE[status], block, body))
