"""`hosts`: /etc/hosts (hosts(5)), for machines that must find one another while DNS is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.naming import claimed_twice, names_of, plain_name, virtual_names
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.writing.quoting import Language, Name
from matrix_emitters.writing.templating import render
from matrix_grammar import Fleet

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

STANDARD = (
    "127.0.0.1 localhost",
    "::1 localhost ip6-localhost ip6-loopback",
    "ff02::1 ip6-allnodes",
    "ff02::2 ip6-allrouters",
)
"""What stands first in the file, as Debian's installer writes it."""


def _spell(value: object) -> str:
    """An address: the file has no quotes, so that nothing else can be written."""
    try:
        return str(ip_address(str(value)))
    except ValueError as error:
        raise EmitterError(f"hosts: {value!r:.80} is no address") from error


HOSTS = Language("hosts", _spell)


@dataclass(frozen=True, slots=True)
class HostsLine:
    """An address and its names, the canonical one first."""

    address: str
    names: tuple[Name, ...]


def parse_hosts(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The lines of a hosts file as glibc reads them: address, then names. A line without a name says nothing."""
    lines = (line.partition("#")[0].split() for line in text.split("\n"))
    return tuple((words[0], tuple(words[1:])) for words in lines if len(words) > 1)


class Hosts(Reflector):
    """Every address of every host, the VIPs that have a name, and the lines that matrix.toml adds."""

    defaults: ClassVar[Configuration] = Configuration(
        "hosts", "hosts", path="/etc/hosts", each=False,
        check="grep -q '^127[.]0[.]0[.]1.*localhost' %s && ! grep -Evq '^($|#|[0-9a-f.:]+[[:space:]]+[0-9A-Za-z_])' %s",
        order=10,
    )  # fmt: skip
    options: ClassVar[Mapping[str, object]] = MappingProxyType({"extra": []})

    def text(self, scene: Scene) -> str:
        """The file."""
        rows = [
            {"address": line.address, "names": HOSTS.join(" ", line.names)} for line in _lines(scene.fleet, scene.entry)
        ]
        return render(HOSTS, "hosts.j2", {"rows": rows}, "matrix_emitters.reflection.kinds.hosts")

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """A text that says something else than the MATRIX, and names that lead to two machines."""
        lines = parse_hosts(text)
        if list(lines) != [(line.address, line.names) for line in _lines(scene.fleet, scene.entry)]:
            yield Finding("error", "the lines of the text are not the addresses and names of the MATRIX")
        known = (names for address, names in lines if not ip_address(address).is_loopback)
        yield from claimed_twice([*known, ("localhost",)], "alias or vip.name")


def _lines(fleet: Fleet, entry: Configuration) -> Iterator[HostsLine]:
    """What stands first, what matrix.toml adds, then hosts and VIPs in the order of the MATRIX."""
    for line in STANDARD:
        yield _line(line, "hosts")
    for line in entry.lines("extra"):
        yield _line(line, f"reflect.{entry.name}.extra")
    for host in fleet:
        names = names_of(host)
        yield from (HostsLine(address, names) for address in host.addresses)
    for virtual in virtual_names(fleet):
        yield HostsLine(virtual.address, tuple(dict.fromkeys((virtual.fullname, virtual.name))))


def _line(line: str, where: str) -> HostsLine:
    address, *names = line.split()
    if not names:
        raise EmitterError(f"{where}: {line!r} is not an address and its names")
    try:
        spelled = str(ip_address(address))
    except ValueError as error:
        raise EmitterError(f"{where}: {address!r} is no address") from error
    return HostsLine(spelled, tuple(plain_name(name, where, "a name") for name in names))
