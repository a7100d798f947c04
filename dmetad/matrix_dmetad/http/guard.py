"""Who is answered at all: networks, Host names, the required header, sizes, and how often."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from matrix_dmetad.errors import Problem
from matrix_dmetad.settings import Settings

ALLOW: Final = (b"allow", b"GET, HEAD")
_CLOSE: Final = (b"connection", b"close")
_MOST_CLIENTS: Final = 4_096


class Guard:
    """The checks before a request is looked at. Holds nothing but the allowance of each client address."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._allowances: OrderedDict[str, list[float]] = OrderedDict()
        self._admitted: dict[str, bool] = {}

    def admits(self, client: str | None) -> bool:
        """Whether the networks that are allowed hold this address; a client of a unix socket is always admitted."""
        if client is None or not self._settings.allow:
            return True
        known = self._admitted.get(client)
        if known is None:
            address = canonical(client)
            known = address is not None and any(
                address.version == network.version and address in network for network in self._settings.networks
            )
            if len(self._admitted) > _MOST_CLIENTS:
                self._admitted.clear()
            self._admitted[client] = known
        return known

    def within_rate(self, client: str | None, now: float) -> bool:
        """Take one request off a client's allowance; `now` in seconds of any clock that only goes forward."""
        rate = self._settings.rate
        if rate <= 0 or client is None:
            return True
        allowance = self._allowances.get(client)
        if allowance is None:
            if len(self._allowances) >= _MOST_CLIENTS:
                self._allowances.popitem(last=False)
            allowance = self._allowances[client] = [rate * 2, now]
        left = min(rate * 2, allowance[0] + (now - allowance[1]) * rate)
        allowance[1] = now
        if left < 1:
            allowance[0] = left
            return False
        allowance[0] = left - 1
        return True

    def check(self, scope: Any, headers: dict[bytes, bytes]) -> None:
        """Raises Problem for a request that is not answered, whatever it asks."""
        settings = self._settings
        client = scope["client"][0] if scope.get("client") else None
        if not self.admits(client):
            raise Problem(403, "not-allowed", "this client's network is not allowed here")
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(
                405, "method-not-allowed", "nothing can be changed here: GET and HEAD", headers=(ALLOW, _CLOSE)
            )
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            raise Problem(413, "no-body", "a request has no body here", headers=(_CLOSE,))
        if len(scope["raw_path"]) + len(scope["query_string"]) > settings.url:
            raise Problem(414, "url-too-long", f"a path and query have at most {settings.url} bytes here")
        if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > settings.header_bytes:
            raise Problem(431, "headers-too-big", f"headers have at most {settings.header_bytes} bytes here")
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) > 1 or (not hosts and scope["http_version"] == "1.1"):
            raise Problem(400, "bad-host", "HTTP/1.1 asks for one Host header", headers=(_CLOSE,))
        if settings.host_names and host_name(hosts[0] if hosts else b"") not in settings.host_names:
            raise Problem(421, "wrong-host", "this server does not answer for that Host")
        if settings.required_header is not None:
            name, value = settings.required_header
            if headers.get(name) != value:
                wanted = f"{name.decode()}: {value.decode()}"
                raise Problem(403, "header-required", f"requests need the header {wanted}")

    def check_own_host(self, header: bytes, is_ours: Callable[[str], bool]) -> None:
        """Raises Problem for a Host that a page elsewhere may have let point here (DNS rebinding).

        What cannot be another's is answered: an address, a name without a dot, `localhost`, those of `host_name`, and
        what `is_ours` knows.
        """
        name = host_name(header)
        if "." not in name or canonical(name) is not None or name.endswith(".localhost"):
            return
        if name not in self._settings.host_names and not is_ours(name):
            raise Problem(421, "wrong-host", "metrics are not told under that Host; --host-name NAME allows it")


def host_name(header: bytes) -> str:
    """The name in a Host header, without its port, in lower case."""
    text = header.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].removesuffix(".")


def canonical(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address in its one form, IPv4 also where a socket of IPv6 spells it `::ffff:…`; None for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
