"""In which order hosts are given a new text: backups before masters."""

from __future__ import annotations

from collections.abc import Iterable

from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.reflector import burden_of, reflector
from matrix_emitters.reflection.model.scene import Scene, Stage
from matrix_grammar import Fleet


def apply_order(fleet: Fleet, entry: Configuration, hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts of an entry in the order in which they are applied: whoever carries the site comes last.

    First hosts that are out of service, then those that carry least (`Reflector.burden`: backups before masters), and
    among equals in the order of the MATRIX. Raises EmitterError.
    """
    wanted = {name.lower() for name in hosts}
    stage = Stage(fleet, 0, entry)
    burden = burden_of if entry.own else reflector(entry.template).burden
    chosen = [host for host in fleet.hosts if host.name.lower() in wanted]
    return tuple(host.name for host in sorted(chosen, key=lambda host: (host.in_service, burden(Scene(stage, host)))))
