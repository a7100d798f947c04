"""Health checkers of keepalived.conf as MATRIX's `check` and what belongs to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from matrix_sources.outline.outline import Outline

from .block import Block, duration, leave
from .conf import KeepalivedStatement

_PLAIN: Final = {"TCP_CHECK": "tcp", "SMTP_CHECK": "smtp"}
_WEB: Final = {"HTTP_GET": "http", "SSL_GET": "https"}
_KNOWN: Final = (*_PLAIN, *_WEB, "MISC_CHECK")
_OTHERS: Final = ("DNS_CHECK", "BFD_CHECK", "UDP_CHECK", "PING_CHECK", "FILE_CHECK")
_STATUS: Final = re.compile(r"[1-5][0-9]{2}(?:-[1-5][0-9]{2})?", re.ASCII)
_UNSAFE: Final = re.compile(r'["\\$\x00-\x1f\x7f-\x9f\u2028\u2029]|~(?=SEQ|LST)')
_MOST_BYTES: Final = 500

DEFAULTS: Final = {"check.timeout": "3s", "check.retries": "2", "check.pause": "1s"}
"""What MATRIX takes where nothing is said; keepalived's own defaults are others, and are written out."""


@dataclass(slots=True)
class CheckDraft:
    """A check: the text of `check`, its checker with its line, and the facts that a role has for all its checks."""

    text: str
    keyword: str = ""
    line: int = 0
    facts: dict[str, str] = field(default_factory=dict)

    def set(self, key: str, value: str) -> None:
        """Set a fact, unless it is what MATRIX takes anyway."""
        if DEFAULTS.get(key) != value:
            self.facts[key] = value

    def has(self, key: str) -> bool:
        """Whether a fact means anything to a check of its kind."""
        if key in ("check.status", "check.host"):
            return self.text.startswith("http")
        return key != "check.helo" or self.text.startswith("smtp")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a checker takes from its real server and virtual server: its port, timings, host name, delay_loop in ms."""

    port: int
    timeout: int | None
    retries: int | None
    pause: int | None
    host: str
    every: int


def is_writable(value: str) -> bool:
    """Whether a text can be written into a keepalived.conf again."""
    return bool(value) and not _UNSAFE.search(value) and len(value.encode("utf-8", "replace")) <= _MOST_BYTES


def read_check(block: Block, around: Surroundings) -> CheckDraft:
    """The check of a real server: its first checker that MATRIX knows. All others are told."""
    chosen: CheckDraft | None = None
    for statement in block.all(*_KNOWN, *_OTHERS):
        if statement.keyword in _OTHERS or statement.block is None:
            leave(block.outline, statement)
        elif chosen is not None:
            leave(block.outline, statement, "a further check: MATRIX has one for a member")
        else:
            chosen = _read_checker(statement, block.outline, around)
            if chosen is not None:
                chosen.keyword, chosen.line = statement.keyword, statement.line
    return chosen or CheckDraft("none")


def _read_checker(statement: KeepalivedStatement, outline: Outline, around: Surroundings) -> CheckDraft | None:
    block = Block(statement.block or (), outline)
    if statement.keyword == "MISC_CHECK":
        return _read_script(statement, block, around)
    port = block.number("connect_port", 1, 65535) or around.port
    at = "" if port == around.port else str(port)
    if statement.keyword in _PLAIN:
        check = CheckDraft(_PLAIN[statement.keyword] + (f":{at}" if at else ""))
        if statement.keyword == "SMTP_CHECK":
            _text(check, block, "check.helo", "helo_name")
    else:
        found = _read_page(statement, block, around, port)
        if found is None:
            return None
        check, path = found
        check.text = f"{_WEB[statement.keyword]}:{at}{path}"
    _timings(check, block, around, 3000 if statement.keyword in _WEB else 1000)
    block.close()
    return check


def _read_page(
    statement: KeepalivedStatement, block: Block, around: Surroundings, port: int
) -> tuple[CheckDraft, str] | None:
    """The page of a check over HTTP: its first `url`."""
    outline = block.outline
    if statement.keyword == "HTTP_GET" and port == 443:
        leave(outline, statement, "over HTTP to port 443, where MATRIX takes HTTPS")
        return None
    page = _first_page(block)
    if page is None:
        leave(outline, statement, "no page to ask for")
        return None
    url, path = page
    check = CheckDraft("")
    codes = url.last("status_code")
    if codes is not None:
        if codes.arguments and all(_STATUS.fullmatch(word) for word in codes.arguments):
            check.set("check.status", " ".join(codes.arguments))
        else:
            leave(outline, codes, "no status codes such as 200 or 200-299")
    outer = block.word("virtualhost")
    inner = url.word("virtualhost")
    host = inner[0] or outer[0] or around.host
    if inner[0] and outer[1] is not None:
        leave(outline, outer[1], "the page has its own")
    if is_writable(host):
        check.set("check.host", host)
    elif host:
        outline.leave(statement.line, host, "no name that can be written")
    sni = block.last("enable_sni")
    if sni is not None and ("check.host" not in check.facts or statement.keyword != "SSL_GET"):
        leave(outline, sni, "MATRIX names the host to TLS where it has a check.host, over HTTPS")
    elif sni is None and statement.keyword == "SSL_GET" and "check.host" in check.facts:
        outline.change(statement.line, "SSL_GET", f"names the host {host} to TLS as well (enable_sni)")
    url.close()
    return check, path


def _first_page(block: Block) -> tuple[Block, str] | None:
    """What stands in the first `url` that has a path, and the path; the others are told."""
    found: tuple[Block, str] | None = None
    for page in block.all("url"):
        url = Block(page.block or (), block.outline)
        path, _ = url.word("path")
        if found is not None:
            leave(block.outline, page, "a further page: MATRIX asks for one")
        elif not path.startswith("/") or not is_writable(path):
            leave(block.outline, page, "no path that starts with / and can be written")
        else:
            found = url, path
    return found


def _read_script(statement: KeepalivedStatement, block: Block, around: Surroundings) -> CheckDraft | None:
    script, at = block.word("misc_path")
    if not script.startswith("/") or not is_writable(script):
        leave(block.outline, at or statement, "no script by its absolute path that can be written")
        return None
    check = CheckDraft(f"misc:{script}")
    timeout = block.number("misc_timeout", 1, 86_400)
    check.set("check.timeout", duration(timeout * 1000 if timeout else max(1000, around.every // 1000 * 1000)))
    retries = block.number("retry", 0, 255)
    check.set("check.retries", str(next(n for n in (retries, around.retries, 0) if n is not None)))
    check.set("check.pause", duration(block.milliseconds("delay_before_retry") or around.pause or 1000))
    block.close()
    return check


def _text(check: CheckDraft, block: Block, key: str, keyword: str) -> None:
    value, source = block.word(keyword)
    if is_writable(value):
        check.set(key, value)
    elif source is not None:
        leave(block.outline, source, "nothing that can be written")


def _timings(check: CheckDraft, block: Block, around: Surroundings, pause: int) -> None:
    """The defaults of keepalived, where nothing is said, are written out where MATRIX has others."""
    timeout = block.milliseconds("connect_timeout")
    check.set("check.timeout", duration(timeout or around.timeout or 5000))
    retries = next((n for n in (block.number("retry", 0, 255), around.retries) if n is not None), 1)
    check.set("check.retries", str(retries))
    check.set("check.pause", duration(block.milliseconds("delay_before_retry") or around.pause or pause))
