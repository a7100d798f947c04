"""An answer in its form, ready to be sent: bytes, their digest, and the headers that belong to them."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Final

from matrix_dmetad.errors import Problem

from .formats import MEDIA_TYPES, problem_type, spell_problem

Headers = tuple[tuple[bytes, bytes], ...]

VARY: Final = (b"vary", b"Accept, Accept-Encoding")
REVALIDATE: Final = (b"cache-control", b"no-cache")
"""May be kept, but is asked for again each time: with the ETag that costs a few bytes."""

PRIVATE: Final = (b"cache-control", b"private, no-cache")
"""For what depends on who asks."""

UNCHANGING: Final = (b"cache-control", b"no-store")
_SMALLEST_ZIPPED: Final = 512
_SECURITY: Final = (b"x-content-type-options", b"nosniff")
PAGE_HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
)


@dataclass(frozen=True, slots=True)
class Representation:
    """A body with its headers, plain and where that is smaller also as gzip, each with a strong ETag of its own.

    `shared` says whether everybody who sends the same request gets it, so that it may be remembered by the request;
    `dated` whether it is as old as its snapshot.
    """

    status: int
    form: str
    body: bytes
    etag: bytes
    headers: Headers
    zipped: bytes | None = None
    shared: bool = True
    dated: bool = True

    @property
    def zipped_etag(self) -> bytes:
        """The ETag of the gzip form: other bytes, so another tag (RFC 9110, section 8.8.3.3)."""
        return self.etag[:-1] + b'-gz"'

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, roughly."""
        return len(self.body) + len(self.zipped or b"") + 1_000

    @property
    def tag(self) -> str:
        """The ETag without its quotes, as `?etag=` takes it."""
        return self.etag[1:-1].decode("ascii")


def represent(
    body: bytes,
    form: str,
    *,
    media_type: bytes | None = None,
    headers: Headers = (VARY, REVALIDATE),
    shared: bool = True,
    dated: bool = True,
) -> Representation:
    """A body with status 200 and everything computed that its headers say."""
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode("ascii") + b'"'
    kind = (b"content-type", media_type or MEDIA_TYPES[form])
    page = PAGE_HEADERS if form == "html" else ()
    return Representation(200, form, body, etag, (kind, *headers, _SECURITY, *page), _zip(body), shared, dated)


def represent_problem(problem: Problem, form: str, body: bytes | None = None, *, shared: bool = True) -> Representation:
    """A problem in the form that the caller reads; `body` is its page where that is html."""
    spelled = spell_problem(problem, "text" if form == "html" else form) if body is None else body
    kind = MEDIA_TYPES["html"] if body is not None else problem_type("text" if form == "html" else form)
    page = PAGE_HEADERS if body is not None else ()
    headers = ((b"content-type", kind), VARY, UNCHANGING, _SECURITY, *page, *problem.headers)
    return Representation(problem.status, form, spelled, b"", headers, shared=shared)


def _zip(body: bytes) -> bytes | None:
    """The body as gzip without a time or name, so that the same bytes stay the same; None where it is no smaller."""
    if len(body) < _SMALLEST_ZIPPED:
        return None
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    zipped = compressor.compress(body) + compressor.flush()
    return zipped if len(zipped) < len(body) else None
