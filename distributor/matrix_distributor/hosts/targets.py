"""Hosts of the MATRIX as targets, and in which order."""

from __future__ import annotations

import os
from collections.abc import Iterable

from matrix_distributor.dialogue.dialogue import Target
from matrix_grammar import Fleet
from matrix_grammar.model import Host, Value, texts


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


def targets_of(fleet: Fleet, selector: str | None = None) -> list[Target]:
    """The hosts that a selector names (all without one) as targets, those in service first."""
    hosts = fleet.select(selector) if selector else fleet.hosts
    return [target_of(host) for host in in_service_first(hosts)]


def in_service_first(hosts: Iterable[Host]) -> list[Host]:
    """Hosts in service first; those out of service follow, since they must be current when they return."""
    return sorted(hosts, key=lambda host: not host.in_service)
