"""Writes the log: lines on standard error, and where that is wanted one of JSON for each request."""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Final

from matrix_common.terminal import safe, safe_json

_STANDARD_ERROR: Final = 2


def write(scope: MutableMapping[str, Any], status: int, size: int, seconds: float, form: str, snapshot: str) -> bool:
    """One line; control characters of a request are escaped by JSON, so a request can make no line of its own.

    False when it could not be written.
    """
    query = scope["query_string"].decode("latin-1")
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "client": scope["client"][0] if scope.get("client") else "unix",
        "method": scope["method"],
        "path": scope["raw_path"].decode("latin-1") + ("?" + query if query else ""),
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 3),
        "format": form,
        "snapshot": snapshot,
    }
    return put(safe_json(json.dumps(line)))


def put(line: str) -> bool:
    """Write a line where the journal takes it from; False when the disk is full or nobody reads any more.

    Unbuffered, so that what could not be written is not tried again with every further line.
    """
    try:
        os.write(_STANDARD_ERROR, f"{safe(line)}\n".encode())
    except OSError:
        return False
    return True
