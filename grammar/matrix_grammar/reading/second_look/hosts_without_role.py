"""Hosts that are in no role, though others are: most of all those in column 1 below a header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matrix_grammar.diagnostics.problems import Problems, Spot
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.facts import texts
from matrix_grammar.model.host import Host
from matrix_grammar.resolve.merging import name_at
from matrix_grammar.texts.source import Source

_MOST_NAMED = 5
"""Names listed in one message."""


def warn_of_no_role(sources: Sequence[Source], fleet: Fleet, problems: Problems) -> None:
    """Hosts of no role that nothing else speaks of, where there are roles: those in column 1 straight under a header or
    its hosts, header by header; the others all together.
    """
    spoken_of = _spoken_of(fleet)
    alone = [host for host in fleet.hosts if not host.memberships and host.name not in spoken_of]
    lines: dict[str, dict[int, list[Host]]] = {}
    for host in alone:
        lines.setdefault(host.file, {}).setdefault(host.line, []).append(host)
    warned: set[str] = set()
    for source in sources:
        if source.path in lines:
            warned |= _below_headers(source, lines[source.path], problems)
    others = [host for host in alone if host.name not in warned]
    shown = {source.path: source for source in sources}
    if others and others[0].file in shown:
        spot = Spot(shown[others[0].file], others[0].line)
        cure = "give each a [role], or name it in a @group"
        problems.add("M065", name_at(spot), f"{_named(others)} in no role", cure=cure)


def _below_headers(source: Source, alone: dict[int, list[Host]], problems: Problems) -> set[str]:
    """Tell of each run of hosts in column 1 that follows a header without a blank line; answers their names."""
    warned: set[str] = set()
    run: list[Host] = []
    header = ""
    for number, line in enumerate([*source.lines, ""], 1):
        if header and number in alone and not line[:1].isspace():
            run += alone[number]
            continue
        if line[:1] == "#" or (line[:1] in (" ", "\t") and line.strip()):
            continue
        if run:
            _tell(source, run, header, problems)
            warned.update(host.name for host in run)
            run = []
        header = line[1:].partition("]")[0] if line[:1] == "[" else ""
    return warned


def _tell(source: Source, run: Sequence[Host], header: str, problems: Problems) -> None:
    at = name_at(Spot(source, run[0].line))
    verb = "stands" if len(run) == 1 else "stand"
    message = f"{_named(run, f'{verb} in column 1, and so')} not in [{header}] above"
    cure = f"indent {'it' if len(run) == 1 else 'them'}, or give {'it' if len(run) == 1 else 'each'} a [role]"
    problems.add("M064", at, message, cure=cure)


def _named(hosts: Sequence[Host], between: str = "") -> str:
    """Some hosts by name, the rest counted, up to the verb."""
    names = ", ".join(host.name for host in hosts[:_MOST_NAMED])
    more = f" and {len(hosts) - _MOST_NAMED:,} more" if len(hosts) > _MOST_NAMED else ""
    verb = "is" if len(hosts) == 1 else "are"
    return " ".join(filter(None, (f"{names}{more}", between, verb)))


def _spoken_of(fleet: Fleet) -> set[str]:
    """Hosts that a group selects, or that a property names: they are there for something."""
    named = {name for group in fleet.groups.values() if group.selector.strip() != "*" for name in group.hosts}
    keys = [kind.name for kind in fleet.property_types.values() if kind.kind == "host"] + ["ssh.jump"]
    facts: Iterable[object] = (values for host in fleet.hosts for values in (host.properties, host.defaults))
    seen: set[int] = set()
    for values in facts:
        if id(values) not in seen and isinstance(values, dict):
            seen.add(id(values))
            named.update(name for key in keys if key in values for name in texts(values[key]))
    for role in fleet.roles.values():
        for section in role.sections:
            named.update(name for key in keys if key in section.properties for name in texts(section.properties[key]))
    return named
