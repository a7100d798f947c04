"""The tables of the sh binding: lists of hosts, and a record for each host and role.

A record is a text of lines `key=value` with a line end before and after each, so that one pattern finds a field.
Fields of the binding's own start with `.`; `@ps` says that the host is in role ps, `%front` in group front;
`ps/weight=5` is a property of the tag. In a role's record `vip=…` answers when asked without a site, `/vip=…`
for a host in no site, `tky1/vip=…` for one in tky1 where that differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from matrix_emitters.errors import EmitterError
from matrix_emitters.view.view import GroupTable, RoleTable, View
from matrix_emitters.writing.quoting import Language, Quoted
from matrix_grammar.model import Host, State, Value, texts

from .literal import spell
from .names import variable
from .registers import register

_WORDS = re.compile(r"[A-Za-z0-9._ -]*", re.ASCII)
_PLAIN = re.compile(r"[a-z0-9]*", re.ASCII)
_KEY_LETTERS = str.maketrans({"-": "_m", ".": "_p", "_": "_u"})


SH = Language("sh", spell)


def key(name: str) -> str:
    """How a variable's name spells the host or role `name`; different names in lower case give different keys."""
    lowered = name.lower()
    return lowered if _PLAIN.fullmatch(lowered) else lowered.translate(_KEY_LETTERS)


def words(names: Iterable[str]) -> str:
    """A list of names as one literal. Only letters, digits, `.`, `_` and `-` can be in a name."""
    joined = " ".join(names)
    if _WORDS.fullmatch(joined) is None:
        raise EmitterError(f"a name that is not one: {joined!r:.80}")
    return f"'{joined}'"


def encoded(value: Value) -> str:
    r"""A value in a record: backslash `\b`, line end `\n`, between the items of a list `\;`."""
    if type(value) is str:
        return _escaped(value)
    return "\\;".join(map(_escaped, texts(value)))


def _escaped(plain: str) -> str:
    if "\\" in plain:
        plain = plain.replace("\\", "\\b")
    return plain.replace("\n", "\\n") if "\n" in plain else plain


def lists(view: View) -> tuple[Quoted, tuple[str, ...]]:
    """The assignments of all role and group lists and role properties, and the names of those variables."""
    prefix = view.options.sh_prefix
    names = [host.name for host in view.hosts]
    lines: list[str] = []
    assigned: list[str] = []
    for table in _with_hosts(view):
        both = variable(prefix, table.name), variable(prefix, table.name, "all")
        lines.append(_pair(names, both, table.in_service, table.hosts))
        assigned += both
        if isinstance(table, RoleTable):
            for property_name, value in table.properties.items():
                name = variable(prefix, table.name, property_name)
                lines.append(f"{name}={spell(chr(10).join(texts(value)))}\n")
                assigned.append(name)
    return SH.trusted("".join(lines).removesuffix("\n")), tuple(assigned)


def _with_hosts(view: View) -> tuple[RoleTable | GroupTable, ...]:
    return (*view.roles, *view.groups)


def _pair(names: list[str], variables: tuple[str, str], serving: Sequence[int], everyone: Sequence[int]) -> str:
    """The list in service and the list of all, which goes on from the first: a shell reads no name twice."""
    first, second = variables
    in_service = set(serving)
    out = [names[i] for i in everyone if i not in in_service] if len(serving) != len(everyone) else []
    if not out:
        both = f"${first}"
    elif serving:
        both = f'"${first} {words(out)[1:-1]}"'
    else:
        both = words(out)
    return f"{first}={words(names[i] for i in serving)}\n{second}={both}\n"


def tables(view: View) -> Quoted:
    """The assignments of `dsas.sh`: names, keys, roles, groups, defaults, domains, and the record of every host."""
    names = [host.name for host in view.hosts]
    keys = [key(name) for name in names]
    lines: list[str] = []
    scattered: list[str] = []

    def assign(name: str, literal: str) -> None:
        lines.append(f"{name}={literal}\n")
        scattered.append(name)

    lines.append(f"{register('HOSTS')}={words(names)}\n")
    lines.append(
        f"{register('KEYS')}=${register('HOSTS')}\n" if keys == names else f"{register('KEYS')}={words(keys)}\n"
    )
    lines.append(f"{register('ROLES')}={words(role.name for role in view.roles)}\n")
    lines.append(f"{register('GROUPS')}={words(group.name for group in view.groups)}\n")
    lines.append(f"{register('SITES')}={words(view.sites)}\n")
    lines.append(f"{register('PROPERTIES')}={words(view.property_names)}\n")
    lines.append(f"{register('STATES')}={words(state.name for state in view.states)}\n")
    for table in _with_hosts(view):
        own = key(table.name)
        kind = "ROLE" if isinstance(table, RoleTable) else "GROUP"
        everyone, serving = f"{register(f'{kind}_ALL')}_{own}", f"{register(f'{kind}_SERVING')}_{own}"
        assign(everyone, words(names[i] for i in table.hosts))
        same = len(table.in_service) == len(table.hosts)
        assign(serving, f"${everyone}" if same else words(names[i] for i in table.in_service))
        if isinstance(table, RoleTable):
            assign(f"{register('ROLE')}_{own}", spell(_role_record(table)))
    for number, defaults in enumerate(view.defaults):
        assign(f"{register('DEFAULTS')}{number}", spell("\n" + _fields("", defaults)))
    domains = _domains(view.hosts)
    for domain, number in domains.items():
        assign(f"{register('DOMAIN')}{number}", words([domain]))
    lines.append(f"{register('DOMAINS')}={words(key(domain) for domain in domains)}\n")
    for host, own in zip(view.hosts, keys, strict=True):
        if _domain(host) is None:
            assign(f"{register('FULLNAME')}_{key(host.fullname)}", own)
    lines += _host_records(view, keys, domains)
    lines.append(f"{register('SCATTERED')}={words(scattered)}\n")
    return SH.trusted("".join(lines).removesuffix("\n"))


def _domain(host: Host) -> str | None:
    """What a host's full name adds to its name; None when it is a different name altogether."""
    return host.fullname[len(host.name) :] if host.fullname.startswith(host.name) else None


def _domains(hosts: Iterable[Host]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for host in hosts:
        domain = _domain(host)
        if domain:
            found.setdefault(domain, len(found) + 1)
    return found


def _fields(prefix: str, properties: Mapping[str, Value]) -> str:
    return "".join([f"{prefix}{name}={encoded(value)}\n" for name, value in properties.items()])


def _role_record(role: RoleTable) -> str:
    parts = ["\n", _fields("", {".meaning": role.meaning} if role.meaning else {}), _fields("", role.properties)]
    parts.append(_fields("/", role.everywhere))
    parts += [_fields(f"{site}/", properties) for site, properties in role.by_site.items()]
    return "".join(parts)


def _host_records(view: View, keys: Sequence[str], domains: Mapping[str, int]) -> list[str]:
    in_groups: dict[int, str] = {}
    for group in view.groups:
        for number in group.hosts:
            in_groups[number] = in_groups.get(number, "") + f"%{group.name}\n"
    lines = []
    variable_start = register("HOST") + "_"
    for number, host in enumerate(view.hosts):
        record = _host_record(host, keys[number], domains, view.default_of[number], in_groups.get(number, ""))
        lines.append(f"{variable_start}{keys[number]}={spell(record)}\n")
    return lines


def _host_record(host: Host, own: str, domains: Mapping[str, int], defaults: int, groups: str) -> str:
    """What is asked most stands first: a shell takes time by the square of what stands before a field."""
    parts = ["\n"]
    for name, value in host.properties.items():
        parts.append(f"{name}={encoded(value)}\n")
    parts.append(f".defaults={defaults}\n")
    roles = []
    for membership in host.memberships:
        roles.append(f"@{membership.role}\n")
        if membership.properties:
            parts.append(_fields(f"{membership.role}/", membership.properties))
        if membership.state is not None:
            parts.append(_state(f"{membership.role}/", membership.state))
    if host.site is not None:
        parts.append(f".site={_escaped(host.site)}\n")
    if own != host.name:
        parts.append(f".name={host.name}\n")
        if (lowered := host.name.lower()) != host.name:
            parts.append(f".lower={lowered}\n")
    if host.addresses:
        parts.append(f".address={encoded(host.addresses)}\n")
    domain = _domain(host)
    if domain is None:
        parts.append(f".fullname={host.fullname}\n")
    elif domain:
        parts.append(f".domain={domains[domain]}\n")
    if host.rack is not None:
        parts.append(f".rack={_escaped(host.rack)}\n")
    if host.state is not None:
        parts.append(_state("", host.state))
    parts += roles
    parts.append(groups)
    if host.note:
        parts.append(f".note={_escaped(host.note)}\n")
    return "".join(parts)


def _state(prefix: str, state: State) -> str:
    """The lines of a state: its name, its reason (always, so that a tag's hides the host's), and whether it is out."""
    out = "" if state.in_service else f"{prefix}.out\n"
    return f"{prefix}.state={state.name}\n{prefix}.reason={_escaped(state.reason)}\n{out}"
