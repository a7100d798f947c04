"""What goes over the wire: status, headers and body of an answer for one request."""

from __future__ import annotations

from typing import Final

from matrix_dmetad.answers.representation import Headers, Representation
from matrix_dmetad.answers.snapshot import Snapshot

from .negotiation import accepts_gzip
from .validators import unchanged

DECIDING: Final = (b"accept-encoding", b"if-none-match", b"if-modified-since")
"""The headers of a request that decide how an answer is sent, once it is known which."""


def compose(
    snapshot: Snapshot | None, answer: Representation, headers: dict[bytes, bytes], method: str
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body, without what the caller has already (RFC 9110, section 13); for HEAD without a body."""
    sent: list[tuple[bytes, bytes]] = list(answer.headers)
    if snapshot is not None:
        sent.append(snapshot.generation_header)
    body, etag = answer.body, answer.etag
    if etag:
        if answer.zipped is not None and accepts_gzip(headers.get(b"accept-encoding")):
            body, etag = answer.zipped, answer.zipped_etag
        held = unchanged(headers.get(b"if-none-match"), answer, headers.get(b"if-modified-since"), snapshot)
        sent.append((b"etag", held or etag))
        if snapshot is not None and answer.dated:
            sent.append(snapshot.modified_header)
        if held:
            return 304, [header for header in sent if header[0] != b"content-type"], b""
        if body is answer.zipped:
            sent.append((b"content-encoding", b"gzip"))
    sent.append((b"content-length", b"%d" % len(body)))
    return answer.status, sent, b"" if method == "HEAD" else body


def spelled(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Headers as their lines."""
    return b"".join([b"%s: %s\r\n" % header for header in headers])


def joined(headers: Headers) -> dict[bytes, bytes]:
    """Headers by name; one that is given more than once with its values as a list (RFC 9110, section 5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = found[name] + b", " + value if name in found else value
    return found
