"""Many requests by one curl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def curl(urls: list[str], *headers: str, method: str = "GET") -> list[Reply]:
    """The answer to each, in order."""
    lines = ["silent", "globoff", "path-as-is", "include", 'write-out = "\\n--end--\\n"']
    lines += [f'header = "{header}"' for header in headers]
    lines += ["head"] if method == "HEAD" else [f'request = "{method}"']
    lines += [f'url = "{url}"' for url in urls]
    done = subprocess.run(["curl", "-K", "-"], input="\n".join(lines).encode(), capture_output=True, check=True)
    return [_reply(part) for part in done.stdout.split(b"\n--end--\n")[:-1]]


def _reply(raw: bytes) -> Reply:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").splitlines()
    pairs = (line.partition(": ") for line in lines)
    return Reply(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)
