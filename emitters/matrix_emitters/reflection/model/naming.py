"""The names that a MATRIX gives to addresses beyond its hosts' own: `alias` of a host, `vip.name` of a role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.quoting import Name
from matrix_grammar import Fleet
from matrix_grammar.model import Host, Role, texts

from .result import Finding

ALIAS = "alias"
VIP_NAME = "vip.name"


@dataclass(frozen=True, slots=True)
class VirtualName:
    """A name for the address of a VIP, and the full name, in the domain of the role's hosts."""

    address: str
    name: Name
    fullname: Name


def plain_name(text: str, owner: str, key: str) -> Name:
    """A host name as it may stand in any file. Raises EmitterError that says whose property it is."""
    try:
        return Name(text.removesuffix("."))
    except EmitterError as error:
        raise EmitterError(
            f"{key} of {owner} is no host name: {text!r}; write letters, digits, '-', '_' and '.'"
        ) from error


def domain_of(host: Host) -> str:
    """What stands behind a host's name in its full name; empty where it has no domain."""
    return host.fullname.partition(".")[2] if "." in host.name else host.fullname[len(host.name) + 1 :]


def full_name(name: Name, domain: str) -> Name:
    """The name in a domain; one with a dot is a full name already."""
    return name if "." in name or not domain else Name(f"{name}.{domain}")


def names_of(host: Host) -> tuple[Name, ...]:
    """The full name, the name if that is another, then the aliases; none twice (compared without case)."""
    given = host.property(ALIAS)
    aliases = [] if given is None else [plain_name(text, f"host {host.name}", ALIAS) for text in texts(given)]
    found: dict[str, Name] = {}
    for name in (Name(host.fullname), Name(host.name), *aliases):
        found.setdefault(name.lower(), name)
    return tuple(found.values())


def endpoint_address(endpoint: str) -> str:
    """The address of an `address:port`, or of an address alone where it has none, without brackets."""
    bare = endpoint.rpartition(":")[0] if ":" in endpoint and not endpoint.endswith("]") else endpoint
    return bare.strip("[]")


def virtual_names(fleet: Fleet) -> tuple[VirtualName, ...]:
    """The names of all VIPs, in the order of the MATRIX.

    One `vip.name` is the name of every VIP of its header; several go with the VIPs one by one. Raises EmitterError when
    their number is another.
    """
    found = (made for role in fleet.roles.values() for made in _of_role(role))
    return tuple({(made.address, made.name.lower()): made for made in found}.values())


def _of_role(role: Role) -> Iterator[VirtualName]:
    for section in role.sections:
        vips, given = section.properties.get("vip"), role.property(VIP_NAME, section.site)
        if vips is None or given is None:
            continue
        addresses = [endpoint_address(text) for text in texts(vips)]
        owner = f"role {role.name}" + (f" at {section.site}" if section.site else "")
        names = [plain_name(text, owner, VIP_NAME) for text in texts(given)]
        if len(names) == 1:
            names *= len(addresses)
        if len(names) != len(addresses):
            raise EmitterError(
                f"{owner}: {len(names)} values of {VIP_NAME} for {len(addresses)} of vip; "
                f"give it once, or once for each vip"
            )
        domain = next((domain_of(host) for host in role.hosts if section.site in (None, host.site)), "")
        for address, name in zip(addresses, names, strict=True):
            yield VirtualName(address, name, full_name(name, domain))


def claimed_twice(claims: Iterable[Sequence[str]], key: str) -> Iterator[Finding]:
    """What to say of names that stand beside two different first names: which machine they lead to would be chance."""
    owner: dict[str, str] = {}
    for names in claims:
        for name in names:
            first = owner.setdefault(name.lower(), names[0])
            if first.lower() != names[0].lower():
                yield Finding(
                    "error", f"the name {name} is claimed by {first} and by {names[0]}", f"take it out of one {key}"
                )
