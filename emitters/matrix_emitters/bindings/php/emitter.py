r"""The php binding: `/etc/dsas.php`, which returns an array, and the class `DSAS\Fleet` beside it, for php 7.4 to 8."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, relpath

from matrix_emitters.artifacts.artifact import Artifact
from matrix_emitters.bindings.emitter import Emitter
from matrix_emitters.bindings.host_records import records
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Language, Quoted
from matrix_emitters.writing.templating import render
from matrix_grammar.model import Host, text

_WIDEST = 2**63 - 1


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F)} | {ord(c): f"\\{c}" for c in '\\"$'}


def _spell(value: object) -> str:
    r"""A constant expression.

    Text stands in single quotes, in which php expands nothing but `\\` and `\'`; text with control characters in double
    quotes, so that they do not lie in the file as they are.
    """
    if isinstance(value, str):
        if _CONTROL.search(value):
            return f'"{value.translate(_ESCAPES)}"'
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value) if abs(value) <= _WIDEST else _spell(text(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return "[" + ", ".join(f"{_spell(key)} => {_spell(item)}" for key, item in value.items()) + "]"
    if isinstance(value, tuple):
        return "[" + ", ".join([_spell(item) for item in value]) + "]"
    raise TypeError(f"the php binding holds no {type(value).__name__}")


PHP = Language("php", _spell)


class PhpEmitter(Emitter):
    """Makes `/etc/dsas.php` and `/etc/dsas.d/Fleet.php`.

    The array is constant, so that opcache shares it between requests. What pages ask most lies in it as plain
    arrays; each host's record is one string, which the class takes apart, because ten thousand nested arrays would
    cost each process without shared memory 20 ms.
    """

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """The array and the class."""
        array, fleet = "/etc/dsas.php", "/etc/dsas.d/Fleet.php"
        beside = "/" + relpath(view.options.path(array), dirname(view.options.path(fleet)))
        return (
            view.options.artifact(array, render(PHP, "dsas.php.j2", _context(view), "matrix_emitters.bindings.php")),
            view.options.artifact(
                fleet,
                render(PHP, "Fleet.php.j2", {"format": view.format, "beside": beside}, "matrix_emitters.bindings.php"),
            ),
        )


def _context(view: View) -> Mapping[str, object]:
    names = [f"'{host.name}'" for host in view.hosts]

    def listed(numbers: tuple[int, ...]) -> Quoted:
        return PHP.trusted(",".join([names[number] for number in numbers]))

    def members(hosts: tuple[int, ...], in_service: tuple[int, ...]) -> Mapping[str, Quoted]:
        serving = set(in_service)
        return {"serving": listed(in_service), "out": listed(tuple(n for n in hosts if n not in serving))}

    tables = records(view)
    lines = [line.split("\t", 1)[1] for line in tables.hosts.split("\n")[:-1]]
    addresses = [f"{name}=>'{host.address}'" for name, host in zip(names, view.hosts, strict=True)]
    return {
        "format": view.format,
        "generation": view.generation,
        "digest": view.digest,
        "sites": view.sites,
        "states": view.states,
        "roles": [(role, members(role.hosts, role.in_service)) for role in view.roles],
        "groups": [(group, members(group.hosts, group.in_service)) for group in view.groups],
        "addresses": PHP.trusted(",\n".join(addresses)),
        "stated": [(host.name, _state(host)) for host in view.hosts if host.state is not None],
        "head": tables.bare_head,
        "hosts": PHP.trusted(",\n".join([f"{name}=>{_spell(line)}" for name, line in zip(names, lines, strict=True)])),
    }


def _state(host: Host) -> Mapping[str, object]:
    assert host.state is not None
    return {"state": host.state.name, "reason": host.state.reason}
