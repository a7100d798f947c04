"""What can be set: by option, else by environment variable `MATRIX_DMETAD_…`, else a default that works."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .errors import DmetadError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_LISTEN: Final = "127.0.0.1:8775"


@dataclass(frozen=True)
class Settings:
    """Settings of the server; times in seconds."""

    file: Path | None = None
    listen: tuple[str, ...] = (DEFAULT_LISTEN,)
    allow: tuple[Network, ...] = ()
    host_names: frozenset[str] = frozenset()
    required_header: tuple[bytes, bytes] | None = None
    rate: float = 5_000.0
    waiters: int = 10_000
    longest_wait: float = 300.0
    connections: int = 20_000
    url: int = 2_048
    header_bytes: int = 16_384
    slowest: float = 10.0
    idle: float = 60.0
    grace: float = 10.0
    poll: float = 0.1
    access_log: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def settings_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """The settings of a command line and an environment. Raises DmetadError; argparse ends the program by itself."""
    given = _parser(environment).parse_args(arguments)
    return Settings(
        file=Path(given.file) if given.file else None,
        listen=tuple(given.listen or environment.get("MATRIX_DMETAD_LISTEN", DEFAULT_LISTEN).split()),
        allow=_networks(given.allow or environment.get("MATRIX_DMETAD_ALLOW", "").split()),
        host_names=frozenset(
            name.lower() for name in (given.host_name or environment.get("MATRIX_DMETAD_HOST_NAME", "").split())
        ),
        required_header=_header(given.require_header),
        rate=given.rate,
        waiters=given.waiters,
        longest_wait=given.longest_wait,
        connections=given.connections,
        url=given.url,
        header_bytes=given.header_bytes,
        slowest=given.slowest,
        idle=given.idle,
        grace=given.grace,
        poll=given.poll,
        access_log=given.access_log,
        environment=environment,
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dmetad",
        description="Answers questions about the MATRIX over HTTP, from this host's own disk.",
        epilog="Every option is also an environment variable, as MATRIX_DMETAD_LISTEN; several values are parted "
        "by blanks. A socket passed by systemd takes the place of --listen. SIGHUP reads the MATRIX again.",
    )
    say = parser.add_argument
    say("-f", "--file", default=environment.get("MATRIX_DMETAD_FILE"), metavar="MATRIX",
        help="answer from this MATRIX instead of the generation in force on this host")  # fmt: skip
    say("-l", "--listen", action="append", metavar="ADDRESS:PORT",
        help=f"where to listen, also [::1]:PORT or unix:PATH; may be repeated (default {DEFAULT_LISTEN})")  # fmt: skip
    say("--allow", action="append", metavar="NETWORK", help="answer only clients of this network; may be repeated")
    say("--host-name", action="append", metavar="NAME",
        help="answer only requests for this Host, against DNS rebinding; may be repeated")  # fmt: skip
    say("--require-header", default=environment.get("MATRIX_DMETAD_REQUIRE_HEADER"), metavar="'NAME: VALUE'",
        help="answer only requests with this header, which a browser or a deceived program does not send")  # fmt: skip
    wanted = environment.get("MATRIX_DMETAD_ACCESS_LOG", "") in ("1", "true", "yes")
    say("--access-log", action="store_true", default=wanted,
        help="a line of JSON on standard error for each request")  # fmt: skip
    meanings: dict[str, tuple[type, str]] = {
        "rate": (float, "requests a second from one client address, with as many again in a burst; 0: any"),
        "waiters": (int, "requests that may wait for a change at once"),
        "longest-wait": (float, "seconds that ?wait= may ask for; more is cut to this"),
        "connections": (int, "connections at once"),
        "url": (int, "bytes of a path and query"),
        "header-bytes": (int, "bytes of all headers of a request"),
        "slowest": (float, "seconds that a client may take to send a request, or to take an answer"),
        "idle": (float, "seconds that a connection may lie idle"),
        "grace": (float, "seconds that answers may take to be sent when the server is stopped"),
        "poll": (float, "seconds between two looks at whether the MATRIX has changed"),
    }
    for name, (kind, meaning) in meanings.items():
        field_name = name.replace("-", "_")
        default: Any = getattr(Settings, field_name)
        variable = "MATRIX_DMETAD_" + field_name.upper()
        say(f"--{name}", type=_positive(kind), default=environment.get(variable, str(default)), metavar="N",
            help=f"{meaning} (default {default:g})")  # fmt: skip
    return parser


def _positive(kind: type) -> Any:
    def parse(raw: str) -> Any:
        value = kind(raw)
        if not 0 <= value < 10**9:
            raise argparse.ArgumentTypeError(f"{raw} is not from 0 to a thousand million")
        return value

    parse.__name__ = "whole number" if kind is int else "number"
    return parse


def _networks(raw: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(network) for network in raw)
    except ValueError as error:
        raise DmetadError(f"--allow: {error}; write it as 10.6.0.0/16") from error


def _header(raw: str | None) -> tuple[bytes, bytes] | None:
    if raw is None:
        return None
    name, colon, value = raw.partition(":")
    if not colon or not name.strip() or not raw.isascii():
        raise DmetadError(f"--require-header: {raw!r} is not of the form 'NAME: VALUE'")
    return name.strip().lower().encode(), value.strip().encode()
