"""Hosts as a table: hosts × roles where the width allows a column per role, else a list of roles per row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from matrix_common.terminal import safe
from matrix_grammar import Fleet
from matrix_grammar.model import Host, Membership, Role, State
from matrix_grammar.ranges import fold

IN_ROLE = "●"
_LEAST_FOR_STATES = 24
_WIDEST_HOSTS = 40
_GAP = 2
_MOST_CROSSED = 400
_NOTHING = Text()


def fleet_table(fleet: Fleet, hosts: Iterable[Host], width: int) -> Table:
    """One row for all hosts of which the same is said, in the order of the MATRIX; `width` counts characters."""
    rows = _rows(hosts)
    columns = _columns(fleet, rows)
    with_site = len({row[0].site for row in rows}) > 1
    with_state = any(_remarks(row[0]) for row in rows)
    names = [fold(host.name for host in row) for row in rows]
    beside = min(max(map(len, names)), _WIDEST_HOSTS) + 5 + 3 * _GAP + (_LEAST_FOR_STATES if with_state else 0)
    beside += max(len(row[0].site or "") for row in rows) + _GAP if with_site else 0
    crossed = len(rows) <= _MOST_CROSSED and beside + _width(rows, columns) <= width
    table = Table(box=box.SIMPLE_HEAD, padding=(0, _GAP, 0, 0), show_edge=False, pad_edge=False)
    if with_site:
        table.add_column("SITE", no_wrap=True)
    table.add_column("HOSTS", overflow="fold")
    table.add_column("N", justify="right", no_wrap=True)
    for column in columns if crossed else ["ROLES"]:
        table.add_column(column, no_wrap=crossed, overflow="fold")
    if with_state:
        table.add_column("STATE", overflow="fold")
    for row, name in zip(rows, names, strict=True):
        first = row[0]
        cells = [Text(first.site or "")] if with_site else []
        cells += [Text(name, "bold"), Text(str(len(row)))]
        if crossed:
            cells += [_mark(first, column) for column in columns]
        else:
            cells.append(Text(" ".join(_own_roles(first))))
        if with_state:
            cells.append(Text("; ").join(_remarks(first)))
        table.add_row(*cells)
    return table


def summary(fleet: Fleet, hosts: Sequence[Host]) -> Text:
    """How many hosts there are, how many of them in service, and how many in each state."""
    serving = sum(host.in_service for host in hosts)
    parts = [Text(f"{len(hosts)} host{'' if len(hosts) == 1 else 's'}, {serving} in service")]
    counts = Counter(host.state.name for host in hosts if host.state)
    for name, kind in fleet.states.items():
        if counts[name]:
            parts.append(Text(f"{counts[name]} {name}", _style(State(name, kind.in_service))))
    return Text("; ").join(parts)


def _rows(hosts: Iterable[Host]) -> list[tuple[Host, ...]]:
    alike: dict[object, list[Host]] = {}
    for host in hosts:
        said = (host.site, host.state, tuple((member.role, member.state) for member in host.memberships))
        alike.setdefault(said, []).append(host)
    return [tuple(row) for row in alike.values()]


def _columns(fleet: Fleet, rows: Sequence[Sequence[Host]]) -> list[str]:
    """The roles that any row has, sub-roles within the column of their role."""
    present = {role for row in rows for role in row[0].roles}
    roles = [role for role in fleet.roles.values() if role.name in present]
    return [role.name for role in roles if not _is_shown_by_parent(role, present)]


def _is_shown_by_parent(role: Role, present: set[str]) -> bool:
    return role.parent is not None and role.parent.name in present


def _width(rows: Sequence[Sequence[Host]], columns: Sequence[str]) -> int:
    """The characters that a column for each role takes."""
    return sum(_GAP + max([len(name), *(len(_cell(row[0], name)) for row in rows)]) for name in columns)


def _members(host: Host, column: str) -> list[Membership]:
    """What a host is in the column of a role: the sub-roles, or the role itself when it is in none of them."""
    below = [member for member in host.memberships if member.role.startswith(f"{column}.")]
    return below or [member for member in host.memberships if member.role == column]


def _cell(host: Host, column: str) -> str:
    found = _members(host, column)
    return " ".join(member.role[len(column) + 1 :] or IN_ROLE for member in found)


def _mark(host: Host, column: str) -> Text:
    shown = _cell(host, column)
    return Text(shown, _style(_state_there(host, column))) if shown else _NOTHING


def _state_there(host: Host, column: str) -> State | None:
    found = _members(host, column)
    return host.state_in(found[0].role) if found else None


def _own_roles(host: Host) -> list[str]:
    """The roles of a host; that a sub-role's host is also in the role goes without saying."""
    return [role for role in host.roles if not any(other.startswith(f"{role}.") for other in host.roles)]


def _remarks(host: Host) -> list[Text]:
    """The state of a host, and the states that it has in one role alone, each with its reason."""
    found = [_remark("", host.state)] if host.state else []
    return found + [_remark(f"{member.role}: ", member.state) for member in host.memberships if member.state]


def _remark(where: str, state: State) -> Text:
    return Text.assemble(where, (state.name, _style(state)), f" {safe(state.reason)}" if state.reason else "")


def _style(state: State | None) -> str:
    if state is None:
        return ""
    return "yellow" if state.in_service else "bold red"
