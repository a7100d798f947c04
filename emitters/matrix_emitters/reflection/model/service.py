"""Services: the VIPs of roles with the hosts behind them, as values that every load balancer's configuration needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from matrix_common.addresses import endpoint
from matrix_emitters.errors import EmitterError
from matrix_grammar.model import Host, Scalar, Value, text

from .health import Check, read_check

_DURATION: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_MILLISECONDS: Final = (86_400_000, 3_600_000, 60_000, 1_000, 1)


@dataclass(frozen=True, slots=True)
class Member:
    """A host behind a VIP: its address of the VIP's family, port, weight and check, and its state there (`WARN`)."""

    host: Host
    address: str
    port: int
    weight: int
    check: Check
    state: str = ""

    def __lt__(self, other: Member) -> bool:
        """Members in the order of their hosts' names, then of addresses and ports."""
        return (self.host, self.address, self.port) < (other.host, other.address, other.port)


@dataclass(frozen=True, slots=True)
class Service:
    """One VIP of a role. `family` is 4 or 6; `site` None: of all sites, or the MATRIX has none.

    `properties` are the role's for this VIP. `members` are in service and in the order of the MATRIX; `nowhere` are
    hosts that are in service as well, but have no address of the VIP's family.
    """

    role: str
    site: str | None
    address: str
    port: int
    family: int
    members: tuple[Member, ...] = ()
    nowhere: tuple[str, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def __lt__(self, other: Service) -> bool:
        """Services in the order in which they are spelled, then of their roles."""
        return (self.endpoint, self.role, self.site or "") < (other.endpoint, other.role, other.site or "")

    @property
    def endpoint(self) -> str:
        """Address and port in the MATRIX's spelling: `203.0.113.80:80`, `[2001:db8::1]:80`."""
        return endpoint(self.address, self.port)

    @property
    def where(self) -> str:
        """The service as messages name it."""
        return f"role {self.role}, VIP {self.endpoint}"

    @property
    def protocol(self) -> str:
        """`tcp`, `udp` or `sctp`."""
        return self.choice("proto", ("tcp", "udp", "sctp"), "tcp")

    @property
    def check(self) -> Check:
        """How its members are checked where they say nothing themselves: over TCP a connection, else not at all."""
        value = self._one("check")
        if value is not None:
            return read_check(text(value), self.where)
        return Check("tcp") if self.protocol == "tcp" else Check("none")

    @property
    def sorry(self) -> tuple[str, int] | None:
        """Address and port of the sorry server; None also where it is of the other family than the VIP."""
        value = self.text("sorry")
        if not value:
            return None
        address, port = split_endpoint(value, f"{self.where}: sorry")
        return (address, port) if (":" in address) == (self.family == 6) else None

    def text(self, key: str, default: str = "") -> str:
        """The role's value of a property for this VIP, as text. Raises EmitterError where there are several."""
        value = self._one(key)
        return default if value is None else text(value)

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """The role's value of a property for this VIP, a whole number from low to high. Raises EmitterError."""
        value = self._one(key)
        return default if value is None else whole(value, f"{self.where}: {key}", low, high)

    def flag(self, key: str, default: bool = False) -> bool:
        """The role's value of a property for this VIP, true or false. Raises EmitterError."""
        value = self._one(key)
        return default if value is None else truth(value, f"{self.where}: {key}")

    def milliseconds(self, key: str, default: int) -> int:
        """The role's value of a duration for this VIP, in milliseconds. Raises EmitterError."""
        value = self._one(key)
        if value is None:
            return default
        match = _DURATION.fullmatch(text(value))
        if match is None or not any(match.groups()):
            raise EmitterError(f"{self.where}: {key} is {value!r:.60}, not a duration such as 500ms, 10s or 5m")
        return sum(int(part or 0) * unit for part, unit in zip(match.groups(), _MILLISECONDS, strict=True))

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """The role's value of a property for this VIP, which must be one of `choices`. Raises EmitterError."""
        value = self.text(key, default)
        if value not in choices:
            raise EmitterError(f"{self.where}: {key} is {value!r:.60}, which is none of {', '.join(choices)}")
        return value

    def _one(self, key: str) -> Scalar | None:
        value = self.properties.get(key)
        if isinstance(value, tuple):
            raise EmitterError(
                f"{self.where}: there are {len(value)} values of {key}; give it once, or once for each vip"
            )
        return value


def whole(value: Value, where: str, low: int = 0, high: int = 2**31 - 1) -> int:
    """A whole number from low to high, also where the user's own declaration made it text. Raises EmitterError that
    says `where`.
    """
    number = value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        number = int(value)
    if type(number) is not int or not low <= number <= high:
        raise EmitterError(f"{where} is {value!r:.60}, not a whole number from {low} to {high}")
    return number


def truth(value: Value, where: str) -> bool:
    """True or false, also where the user's own declaration made it text. Raises EmitterError that says `where`."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise EmitterError(f"{where} is {value!r:.60}, neither true nor false")


def split_endpoint(value: str, where: str) -> tuple[str, int]:
    """Address and port of an endpoint. Raises EmitterError that says `where`."""
    address, _, digits = value.rpartition(":")
    if not digits.isdigit() or not 1 <= int(digits) <= 65535 or not address:
        raise EmitterError(f"{where} is {value!r:.60}, not address:port")
    return address.strip("[]"), int(digits)
