"""`zone`: a zone file for DNS (RFC 1035, section 5): the names of a domain, or the addresses of a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.naming import domain_of, full_name, names_of, plain_name, virtual_names
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.service import whole
from matrix_emitters.writing.quoting import Quoted
from matrix_emitters.writing.templating import render
from matrix_grammar import Fleet
from matrix_grammar.model import Host, texts
from matrix_grammar.ranges import fold

from .records import ZONE, DomainName, Record, is_host_name, parse_zone, reverse_zone

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

MX, TXT = "dns.mx", "dns.txt"
_NAMES_IN_DATA = frozenset({"CNAME", "NS", "PTR", "MX"})
_TIMERS = ("ttl", "refresh", "retry", "expire", "negative")
_OWNERS_ARE_HOSTS = frozenset({"A", "AAAA", "MX"})


class Zone(Reflector):
    """A forward zone by its name, or a reverse one by its network; the serial is the generation's number."""

    defaults: ClassVar[Configuration] = Configuration(
        "zone", "zone", "dns", "/etc/bind/db.matrix", each=False,
        check="""named-checkzone -q -k fail -i local "$(sed -n 's/^[$]ORIGIN //p' %s)" %s""", apply="rndc reload",
    )  # fmt: skip
    options: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "zone": "",
            "ns": [],
            "mail": "hostmaster",
            "serial": 0,
            "ttl": 3600,
            "refresh": 3600,
            "retry": 600,
            "expire": 1209600,
            "negative": 300,
        }
    )
    comment: ClassVar[str] = ""  # the header stands behind the serial, so that a new serial alone is no change

    def text(self, scene: Scene) -> str:
        """The file."""
        origin = zone_name(scene)
        context = {
            "origin": ZONE.literal(DomainName(origin)),
            "primary": ZONE.literal(DomainName(_servers(scene, origin)[0])),
            "mail": ZONE.literal(DomainName(_mail(scene, origin))),
            "serial": (scene.entry.number("serial", 0, 2**32 - 1) + scene.generation) % 2**32,
            "header": ZONE.trusted(scene.header),
            "records": [_written(record, origin) for record in _records(scene, origin)],
            **{key: scene.entry.number(key, 0, 2**31 - 1) for key in _TIMERS},
        }
        return render(ZONE, "zone.j2", context, "matrix_emitters.reflection.kinds.zone")

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """What named would refuse, or answer wrongly."""
        origin = zone_name(scene)
        written = [record for record in parse_zone(text) if record.type != "SOA"]
        if written != [_bytewise(record) for record in _records(scene, origin)]:
            yield Finding("error", "the records of the text are not those of the MATRIX")
        if not any(record.type in ("A", "AAAA", "PTR") for record in written):
            yield Finding(
                "error", f"no address of the MATRIX is in the zone {origin}", "reflect.zone.zone says which zone it is"
            )
        for record, count in Counter(written).items():
            if count > 1:
                yield Finding(
                    "error", f"{record.owner} {record.type} {' '.join(record.data)} stands {count} times in the zone"
                )
        yield from _of_owners(written, origin)
        if not reverse(origin):
            unknown = tuple(host.name for host in scene.fleet if not host.addresses and _within(host.fullname, origin))
            if unknown:
                yield Finding(
                    "warning", f"without an address, and so unknown in {origin}: {fold(unknown)}", hosts=unknown
                )


def _of_owners(records: Iterable[Record], origin: str) -> Iterator[Finding]:
    """Names that may not own what they own, and servers of the zone whose addresses it does not know."""
    owners = Counter(record.owner for record in set(records))
    for record in dict.fromkeys(records):
        if record.type == "CNAME" and owners[record.owner] > 1:
            yield Finding("error", f"{record.owner} is an alias and something else as well (RFC 1034, section 3.6.2)")
        if record.type in _OWNERS_ARE_HOSTS and not is_host_name(record.owner):
            yield Finding(
                "error", f"{record.owner} may not own an address: letters, digits and inner hyphens (RFC 1123)"
            )
    addressed = {record.owner for record in records if record.type in ("A", "AAAA")}
    for record in dict.fromkeys(records):
        target = record.data[-1].lower()
        if record.type in ("NS", "MX") and _within(target, origin) and target not in addressed:
            yield Finding("error", f"the {record.type} of {record.owner}, {target}, has no address in the zone")


def reverse(origin: str) -> bool:
    """Whether a zone is one of addresses."""
    return origin.endswith((".in-addr.arpa", ".ip6.arpa"))


def zone_name(scene: Scene) -> str:
    """The zone's name, without the last dot: as matrix.toml says, else the domain of the first host that has one."""
    where = f"reflect.{scene.entry.name}.zone"
    given = str(scene.entry.options["zone"])
    if given:
        try:
            return reverse_zone(given) or plain_name(given, where, "the name").lower()
        except EmitterError as error:
            raise EmitterError(f"{where}: {error}") from error
    for host in scene.fleet:
        if domain_of(host) and "." not in host.name:
            return domain_of(host).lower()
    raise EmitterError(f"{where}: no host has a domain; say which zone it is, or give @domain in the MATRIX")


def _records(scene: Scene, origin: str) -> Iterator[Record]:
    """All records but the SOA, in the order of the MATRIX."""
    for server in _servers(scene, origin):
        yield Record(origin, "NS", (server,))
    yield from _addresses(scene.fleet, origin) if reverse(origin) else _names(scene.fleet, origin)


def _addresses(fleet: Fleet, origin: str) -> Iterator[Record]:
    """A PTR for each address within a reverse zone: to the host's full name, or the first name of a VIP."""
    names: dict[str, str] = {
        address: host.fullname for host in fleet for address in host.addresses if "." in host.fullname
    }
    for virtual in virtual_names(fleet):
        if "." in virtual.fullname:
            names.setdefault(virtual.address, virtual.fullname)
    for address, name in names.items():
        owner = ip_address(address).reverse_pointer
        if _within(owner, origin):
            yield Record(owner, "PTR", (name,))


def _names(fleet: Fleet, origin: str) -> Iterator[Record]:
    """What a forward zone says of hosts, then of VIPs."""
    for host in fleet:
        if host.addresses and _within(host.fullname, origin):
            owner = host.fullname.lower()
            yield from (Record(origin, "MX", (str(number), host.fullname)) for number in _preferences(host))
            yield from (_address(owner, address) for address in host.addresses)
            given = host.property(TXT)
            yield from (Record(owner, "TXT", (said,)) for said in (() if given is None else texts(given)))
            for alias in names_of(host):
                full = full_name(alias, domain_of(host)).lower()
                if full != owner and _within(full, origin):
                    yield Record(full, "CNAME", (host.fullname,))
    for virtual in virtual_names(fleet):
        if _within(virtual.fullname, origin):
            yield _address(virtual.fullname.lower(), virtual.address)


def _preferences(host: Host) -> Iterable[int]:
    """The preferences with which a host takes mail (RFC 5321, section 5.1), from itself or from a role it serves in."""
    roles = [membership.role for membership in host.memberships if host.in_service_in(membership.role)]
    values = [host.property(MX, role) for role in (None, *roles)] if host.in_service else []
    return dict.fromkeys(whole(value, f"host {host.name}: {MX}", 0, 65535) for value in values if value is not None)


def _address(owner: str, address: str) -> Record:
    return Record(owner, "AAAA" if ":" in address else "A", (address,))


def _within(name: str, origin: str) -> bool:
    return f".{name.lower()}".endswith(f".{origin}")


def _servers(scene: Scene, origin: str) -> tuple[str, ...]:
    """The zone's name servers: as matrix.toml says, else the hosts that get the file."""
    where, given = f"reflect.{scene.entry.name}.ns", scene.entry.lines("ns")
    names = [str(full_name(plain_name(name, where, "a name"), origin)) for name in given] or [
        host.fullname for host in scene.hosts
    ]
    if not names:
        raise EmitterError(f"{where}: a zone needs a name server")
    return tuple(dict.fromkeys(names))


def _mail(scene: Scene, origin: str) -> str:
    """Who is responsible, as a name (RFC 1035, section 3.3.13): the part before `@` is its first label.

    Without a domain it is in the zone, or for a reverse one in the domain of the first name server.
    """
    local, _, domain = str(scene.entry.options["mail"]).partition("@")
    if "." in local:
        raise EmitterError(
            f"reflect.{scene.entry.name}.mail: a dot before the @ cannot be written plainly; take another alias"
        )
    usual = _servers(scene, origin)[0].partition(".")[2] if reverse(origin) else origin
    return f"{local}.{domain or usual}"


def _written(record: Record, origin: str) -> Mapping[str, object]:
    owner = ZONE.literal(DomainName(record.owner, origin))
    return {
        "owner": owner,
        "type": ZONE.trusted(record.type),
        "data": ZONE.join(" ", [_data(record, field) for field in record.data]),
    }


def _data(record: Record, field: str) -> Quoted:
    if record.type in _NAMES_IN_DATA and not field.isdigit():
        return ZONE.literal(DomainName(field))
    return ZONE.literal(field) if record.type == "TXT" else ZONE.trusted(field)


def _bytewise(record: Record) -> Record:
    """A record as `parse_zone` gives it: text as one character a byte, in pieces of at most 255."""
    if record.type != "TXT":
        return record
    raw = record.data[0].encode().decode("latin-1")
    return Record(record.owner, "TXT", tuple(raw[at : at + 255] for at in range(0, len(raw), 255)) or ("",))
