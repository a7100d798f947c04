"""What can be set: by `[dmetad]` in matrix.toml, over that by `MATRIX_DMETAD_…`, over that by an option."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from matrix_common.settings import Setting, SettingsError, declared, given, setting

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECTION: Final = "dmetad"
DEFAULT_LISTEN: Final = "127.0.0.1:8775"
_MOST: Final = 10**9


@dataclass(frozen=True)
class Settings:
    """Settings of the server; times in seconds."""

    listen: tuple[str, ...] = setting((DEFAULT_LISTEN,), "address to listen on, also [::1]:PORT or unix:PATH")
    allow: tuple[str, ...] = setting((), "answer only clients in these networks")
    host_name: tuple[str, ...] = setting((), "answer only requests with one of these Hosts, against DNS rebinding")
    require_header: str = setting(
        "", "answer only requests with this header, which a browser or a deceived program does not send"
    )
    access_log: bool = setting(False, "write a line of JSON to standard error for each request")
    rate: float = setting(
        5_000.0, "limit of requests a second from one client address, twice that in a burst; 0: no limit"
    )
    waiters: int = setting(10_000, "limit of requests that wait for a change at once")
    waiters_per_client: int = setting(
        5_000, "limit of waiting requests of one client address (of IPv6: /64); 0: as for all clients"
    )
    longest_wait: float = setting(300.0, "longest ?wait= in seconds; a longer one is cut to this")
    connections: int = setting(20_000, "limit of connections at once")
    connections_per_client: int = setting(
        10_000, "limit of connections of one client address (of IPv6: /64); 0: as for all clients"
    )
    proxies: tuple[str, ...] = setting((), "networks of proxies, to which the limits per client do not apply")
    open_heads: int = setting(
        33_554_432,
        "limit of memory, in bytes, for requests that are still arriving, of all clients; the oldest are closed",
    )
    url: int = setting(2_048, "limit of a path with its query, in bytes")
    header_bytes: int = setting(16_384, "limit of all headers of a request, in bytes")
    slowest: float = setting(10.0, "seconds that a client may take to send a request, or to read an answer")
    idle: float = setting(60.0, "seconds that a connection may be idle")
    grace: float = setting(10.0, "seconds to finish answers when the server is stopped")
    poll: float = setting(0.1, "seconds between two looks for a change of the MATRIX")

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """Those of `allow`."""
        return tuple(ipaddress.ip_network(network) for network in self.allow)

    @cached_property
    def proxy_networks(self) -> tuple[Network, ...]:
        """Those of `proxies`."""
        return tuple(ipaddress.ip_network(network) for network in self.proxies)

    @cached_property
    def host_names(self) -> frozenset[str]:
        """Those of `host_name`, which is compared without case."""
        return frozenset(name.lower() for name in self.host_name)

    @cached_property
    def required_header(self) -> tuple[bytes, bytes] | None:
        """Name, in lower case, and value of `require_header`."""
        name, colon, value = self.require_header.partition(":")
        return (name.strip().lower().encode(), value.strip().encode()) if colon else None


def known() -> Iterator[Setting]:
    """Every setting there is."""
    return declared(Settings, SECTION)


def settings_from(tables: Mapping[str, Any], where: object, over: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a matrix.toml's `[dmetad]`, with those of `over` (environment and command line) above them.

    Raises SettingsError. What else stands in matrix.toml is for others.
    """
    values = given(list(known()), {SECTION: tables.get(SECTION, {})}, where)
    _check(Settings(**values), f"{where}: {SECTION}.")
    settings = Settings(**(values | dict(over or {})))
    _check(settings, "--")
    return settings


def _check(settings: Settings, where: str) -> None:
    """Raises SettingsError for what is of the right type and yet cannot be."""
    if not settings.listen:
        raise SettingsError(f"{where}listen: no address; the default is {DEFAULT_LISTEN}")
    for name in ("allow", "proxies"):
        for network in getattr(settings, name):
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise SettingsError(f"{where}{name}: {error}; write it as 10.6.0.0/16") from error
    header = settings.required_header
    if settings.require_header and (header is None or not header[0] or not settings.require_header.isascii()):
        raise SettingsError(f"{where}require_header: {settings.require_header!r} is not of the form 'NAME: VALUE'")
    for item in known():
        value = getattr(settings, item.field)
        if isinstance(value, int | float) and value >= _MOST:
            raise SettingsError(f"{where}{item.field}: {value} is not below a thousand million")
