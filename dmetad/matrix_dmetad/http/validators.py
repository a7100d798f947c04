"""Whether a caller has an answer already (RFC 9110, sections 8.8 and 13)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from functools import lru_cache

from matrix_dmetad.answers.representation import Representation
from matrix_dmetad.answers.snapshot import Snapshot


def unchanged(
    if_none_match: bytes | None,
    answer: Representation,
    if_modified_since: bytes | None = None,
    snapshot: Snapshot | None = None,
) -> bytes | None:
    """The ETag under which the caller has this very answer, or None. A time counts only where no tag is given."""
    if if_none_match is not None:
        tags = [tag.strip().removeprefix(b"W/").strip(b'"') for tag in if_none_match.split(b",")]
        for etag in (answer.etag, answer.zipped_etag):
            if etag.strip(b'"') in tags:
                return etag
        return answer.etag if tags == [b"*"] else None
    if if_modified_since is not None and snapshot is not None and snapshot.exact and answer.dated:
        since = _seconds(if_modified_since)
        if since is not None and int(snapshot.modified) <= since:
            return answer.etag
    return None


@lru_cache(maxsize=256)
def _seconds(date: bytes) -> float | None:
    """An HTTP date in seconds since the epoch; None for what is none."""
    try:
        return parsedate_to_datetime(date.decode("latin-1")).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
