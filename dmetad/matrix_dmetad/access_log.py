"""A line of JSON on standard error for each request."""

from __future__ import annotations

import json
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any


def write(scope: MutableMapping[str, Any], status: int, size: int, seconds: float, form: str, snapshot: str) -> None:
    """One line; control characters of a request are escaped by JSON, so a request can make no line of its own."""
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
    sys.stderr.write(json.dumps(line) + "\n")
