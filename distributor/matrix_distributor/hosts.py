"""Hosts of the MATRIX as targets, and which of them is this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from matrix_grammar import Fleet, Host, Value, nearest, texts

from .errors import DistributorError
from .transport import Target


def target_of(host: Host) -> Target:
    """How to reach a host: its address, and `ssh.user`, `ssh.port`, `ssh.hostkey` where the MATRIX gives them."""
    user, port = _ssh(host, "ssh.user"), _ssh(host, "ssh.port")
    keys = _ssh(host, "ssh.hostkey")
    return Target(
        name=host.name,
        address=host.address,
        port=int(texts(port)[0]) if port is not None else None,
        user=texts(user)[0] if user is not None else None,
        host_keys=texts(keys) if keys is not None else (),
        given_at=f"{host.file}:{host.line}" if "ssh.hostkey" in host.properties else "the MATRIX",
    )


def _ssh(host: Host, key: str) -> Value | None:
    """The host's own value, else that of the first of its roles that gives one, else `@default`'s."""
    if key in host.properties:
        return host.properties[key]
    for role in host.roles:
        value = host.property(key, role)
        if value is not None and value != host.defaults.get(key):
            return value
    return host.defaults.get(key)


def may_install_here() -> bool:
    """Whether this process can put files in place on this machine: as root, or under a private `DSAS_ROOT`."""
    return os.geteuid() == 0 or bool(os.environ.get("DSAS_ROOT"))


def this_machine(fleet: Fleet, named: str = "") -> str | None:
    """The host of the MATRIX that this machine is, or None.

    `named` says it (raises DistributorError when there is no such host); else $DSAS_SELF, else what an install left
    in `/etc/dsas.d/self` under $DSAS_ROOT, else the machine's names, else its addresses, of which loopback ones say
    nothing.
    """
    if named:
        if named.lower() not in fleet.names:
            near = nearest(named, fleet.names)
            cure = f"; did you mean {near[0]}?" if near else ""
            raise DistributorError(f"the setting self names {named}, which is no host of this MATRIX{cure}")
        return fleet.names[named.lower()].name
    words = [os.environ.get("DSAS_SELF", ""), _installed_name(), socket.gethostname()]
    words.append(words[-1].partition(".")[0])
    full = {host.fullname.lower(): host.name for host in fleet.hosts}
    for word in filter(None, (word.strip().lower() for word in words)):
        if word in fleet.names:
            return fleet.names[word].name
        if word in full:
            return full[word]
    return next((host.name for host in fleet.hosts if any(map(_is_here, host.addresses))), None)


def _installed_name() -> str:
    path = Path(os.environ.get("DSAS_ROOT") or "/") / "etc/dsas.d/self"
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""


def _is_here(address: str) -> bool:
    """Whether an address is this machine's: to reach it, the kernel would take it as the source as well.

    Binding to it would tell less: `ip_nonlocal_bind`, usual on load balancers, lets any address be bound.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if ip.is_loopback or ip.is_unspecified or ip.is_multicast:
        return False
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            source: str = probe.getsockname()[0]
    except OSError:
        return False
    return ip_address(source.partition("%")[0]) == ip


def in_order(hosts: Iterable[Host]) -> list[Host]:
    """Hosts in service first; those out of service follow, since they must be current when they return."""
    return sorted(hosts, key=lambda host: not host.in_service)
