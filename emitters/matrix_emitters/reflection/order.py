"""In which order hosts are given a new text: backups before masters."""

from __future__ import annotations

from collections.abc import Iterable

from matrix_grammar import Fleet, Host

from .entry import Entry


def in_order(fleet: Fleet, entry: Entry, hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts of an entry in the order in which they are applied: whoever carries the site comes last.

    First hosts that are out of service, then backups, then masters; a host is a master that has a role `….master`, or
    the highest `priority` of its site among them where none has such a role. Otherwise in the order of the MATRIX.
    """
    wanted = {name.lower() for name in hosts}
    chosen = [host for host in fleet.hosts if host.name.lower() in wanted]
    masters = {host.name for host in chosen if _is_master(host)}
    for site in dict.fromkeys(host.site for host in chosen):
        here = [host for host in chosen if host.site == site]
        if not any(host.name in masters for host in here):
            highest = max(_priority(host) for host in here)
            masters.update(host.name for host in here if highest and _priority(host) == highest)
    return tuple(host.name for host in sorted(chosen, key=lambda host: (host.in_service, host.name in masters)))


def _is_master(host: Host) -> bool:
    return any(role.endswith(".master") for role in host.roles)


def _priority(host: Host) -> int:
    values = [host.property("priority"), *(host.property("priority", role) for role in host.roles)]
    return max((value for value in values if type(value) is int), default=0)
