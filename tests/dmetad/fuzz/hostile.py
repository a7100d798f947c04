"""Hostile requests: bytes on a socket, the same for the same seed."""

from __future__ import annotations

import random
import socket
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

PRINTABLE = string.printable[:95]
WORDS = (
    "ps", "lv", "db.master", "front", "w101", "w104.example.jp", "node", "vip", "weight", "all", "@host", "@self",
    "@select", "@state", "STOP", "@matrix", "@manifest", "@openapi.json", "@health", "@metrics", "@generation",
    "meaning",
    "reason", "..", ".", "", "%2e%2e", "%2f", "%00", "%ff%fe", "%c0%af", "%F0%9F%98%80", "é", "$(id)", "`id`", "'",
    '"',
    "<script>", "&amp;", "{{7*7}}", "%s%n", "\\", ";", "ps.json", ".json", "ps.yaml.json", "@self.json", "-1",
    "9" * 40, "a" * 300,
)  # fmt: skip
SOUND_PATHS = (
    "/",
    "/ps/node",
    "/ps",
    "/@host/w104",
    "/@self",
    "/@matrix",
    "/@generation",
    "/@metrics",
    "/db/vip.json",
    "/@states",
)
KEYS = (
    "q", "all", "recursive", "format", "wait", "etag", "per", "site", "role", "default", "from", "nosuch", "", "Q",
    "%71",
)  # fmt: skip
VALUES = (
    "", "1", "yes", "perhaps", "json", "yaml", "html", "text", "xml", "0", "1ms", "0.001s", "-5s", "1e9s", "nan",
    "host", "role",
    "tky1", "ps", "ps%26WARN", "w[101-105]", "w%5B1-99999999%5D", "(" * 50, "!", "*", "%ff", "%00", "%", "%zz",
    "a,b,c" * 40,
    "weight>=", "weight>=1e308", "w?*?*?*?*?*?*?*", "os=debian^os=centos", "[[[[", "%E2%80%AE", "\x00", "é",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Host", "Connection", "Range", "Expect",
    "Upgrade",
    "Content-Length", "Transfer-Encoding", "Cookie", "X-Forwarded-For", "Accept-Language", "X" * 200, "Bad Name", "",
)  # fmt: skip
SOUND_HEADERS = HEADERS[:4]
HEADER_VALUES = (
    "*/*", "text/html", "application/json;q=0.5, */*;q=0.1", "gzip", "gzip;q=0", "*", '"x"', 'W/"x"', "yesterday",
    "close",
    "keep-alive", "Mon, 23 Nov 2026 01:07:02 GMT", "Mon, 99 Nov 99999 99:99:99 GMT", "bytes=0-1", "100-continue",
    "websocket", "h2c", "0", "5", "-1", "99999999999999999999", "chunked", "chunked, chunked", "identity", "a" * 5000,
    "\xff\xfe", "\x7f", "meta", "::1", "[::1", ";;;,,,q=", "text/" + "x" * 500, ",".join(["text/plain"] * 200),
)  # fmt: skip
METHODS = ("GET",) * 40 + (
    "HEAD",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "CONNECT",
    "BREW",
    "get",
    "",
)
LINES = ("HTTP/1.1",) * 60 + ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTX/1.1", "")


def request(chance: random.Random) -> bytes:
    """One request; about one in twenty is no HTTP at all."""
    if chance.random() < 0.02:
        return chance.randbytes(chance.randrange(1, 400))
    path = "/" + "/".join(_some(chance, WORDS) for _ in range(chance.choice((0, 1, 1, 2, 2, 2, 3, 4))))
    if chance.random() < 0.4:
        path = chance.choice(SOUND_PATHS)
    if chance.random() < 0.05:
        path = "".join(chance.choice(string.printable[:94]) for _ in range(chance.randrange(1, 60)))
    if chance.random() < 0.02:
        path = f"http://meta{path}"
    if chance.random() < 0.3:
        pairs = [f"{_some(chance, KEYS)}={_some(chance, VALUES)}" for _ in range(chance.choice((1, 1, 1, 2, 3, 20)))]
        path += "?" + chance.choice("&&&;").join(pairs)
    if chance.random() < 0.01:
        path += "a" * chance.choice((2_000, 20_000, 70_000))
    lines = [f"{chance.choice(METHODS)} {path} {chance.choice(LINES)}"]
    if chance.random() < 0.95:
        lines.append("Host: meta")
    for _ in range(chance.choice((0, 0, 1, 2, 3, 60))):
        name = chance.choice(HEADERS if chance.random() < 0.05 else SOUND_HEADERS)
        lines.append(f"{name}: {_some(chance, HEADER_VALUES)}")
    end = "\r\n" if chance.random() < 0.97 else "\n"
    body = chance.choice(("",) * 16 + ("hello", "5\r\nhello\r\n0\r\n\r\n", "\x00" * 100))
    return (end.join(lines) + end * 2 + body).encode("utf-8" if chance.random() < 0.5 else "latin-1", "replace")


def _some(chance: random.Random, choices: tuple[str, ...]) -> str:
    """One of the choices, now and then with a hostile character in it; mostly such that HTTP itself is kept."""
    word = chance.choice(choices)
    if chance.random() < 0.1:
        place = chance.randrange(len(word) + 1)
        word = word[:place] + chance.choice("%/?&.\x01\x1b\x80é\u202e'\"") + word[place:]
    return word if chance.random() < 0.03 else quote(word, safe=PRINTABLE)


@dataclass
class Findings:
    """What came back."""

    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    silent: int = 0
    wrong: list[tuple[bytes, bytes]] = field(default_factory=list)


def attack(port: int, count: int, seed: int) -> Findings:
    """Send `count` hostile requests, several to a connection as long as that is kept open."""
    chance = random.Random(seed)
    findings = Findings()
    requests = (request(chance) for _ in range(count))
    while findings.sent < count:
        with socket.create_connection(("127.0.0.1", port), 30) as asking:
            asking.settimeout(30)
            _talk(asking, requests, findings, chance)
    return findings


def _talk(asking: socket.socket, requests: Iterator[bytes], findings: Findings, chance: random.Random) -> None:
    for _ in range(20):
        sent = next(requests, None)
        if sent is None:
            return
        findings.sent += 1
        try:
            if chance.random() < 0.05:
                place = chance.randrange(len(sent) + 1)
                asking.sendall(sent[:place])
                asking.sendall(sent[place:])
            else:
                asking.sendall(sent)
            asking.shutdown(socket.SHUT_WR) if (last := chance.random() < 0.3) else None
            asking.settimeout(0.25 if not last else 30)
            answer = asking.recv(65536)
            while last and (more := asking.recv(65536)):
                answer += more
        except OSError:
            findings.silent += 1
            return
        if not answer:
            findings.silent += 1
            return
        _judge(sent, answer, findings)
        if last or b"connection: close" in answer[:2000].lower():
            return


def _judge(sent: bytes, answer: bytes, findings: Findings) -> None:
    """An answer is HTTP, and says neither that the server failed nor how it looks inside."""
    if not answer.startswith(b"HTTP/1.1 "):
        return  # the rest of an answer to several requests in a row
    status = int(answer[9:12])
    findings.statuses[status] = findings.statuses.get(status, 0) + 1
    if status == 500 or b"Traceback" in answer or b"Internal Server Error" in answer:
        findings.wrong.append((sent, answer[:2000]))
