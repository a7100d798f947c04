"""A genders file (libgenders(3)) to an outline: an attribute is a role, an attribute with a value a property."""

from __future__ import annotations

import re
from collections.abc import Iterable

from matrix_sources.outline.host_ranges import expand_name
from matrix_sources.outline.lines import numbered_lines, without_comment
from matrix_sources.outline.outline import HostOutline, Outline, add

_NODES = re.compile(r"(?:[^,\[\]]|\[[^\[\]]*\])+")
_ESCAPE = re.compile("%[n%]")


def read_genders(text: str) -> Outline:
    """The outline of a genders file. What `nodeattr --parse-check` would refuse is left, and told."""
    outline = Outline("genders")
    for number, written in numbered_lines(text, outline):
        line = without_comment(number, written, outline)
        if not line:
            continue
        nodes, *lists = line.split(None, 2)
        attributes = lists[0] if lists else ""
        if len(lists) > 1:
            outline.leave(number, line, "white space in the list of attributes")
            continue
        pairs = [attribute.partition("=") for attribute in attributes.split(",")] if attributes else []
        for name in _names(outline, number, nodes):
            host = outline.host(name, number)
            facts, roles = host.facts, host.roles
            for attribute, sign, value in pairs:
                if "%" in value:
                    _take(outline, host, number, attribute, _meant(value, host.name))
                elif value and attribute and attribute not in facts and attribute not in roles:
                    facts[attribute] = [value]
                elif not sign and attribute in outline.roles and attribute not in facts and attribute not in roles:
                    roles[attribute] = {}
                else:
                    _take(outline, host, number, attribute, value if sign else None)
    return outline


def _names(outline: Outline, number: int, nodes: str) -> Iterable[str]:
    """The names of a list of nodes, whose ranges are expanded one after the other."""
    if "," in nodes or "]" in nodes or "[" in nodes:
        return (name for word in _NODES.findall(nodes) for name in expand_name(outline, number, word))
    return expand_name(outline, number, nodes)


def _meant(value: str, node: str) -> str:
    """A value with `%n` and `%%` replaced."""
    return _ESCAPE.sub(lambda match: "%" if match[0] == "%%" else node, value)


def _take(outline: Outline, host: HostOutline, number: int, attribute: str, value: str | None) -> None:
    """Give a host one attribute, with its value if it has one."""
    if not attribute or value == "":
        outline.leave(number, f"{host.name} {attribute}", "an attribute without a value" if attribute else "nothing")
    elif attribute in host.roles or attribute in host.facts:
        told = attribute if value is None else f"{attribute}={value}"
        outline.leave(number, f"{host.name} {told}", "the node has this attribute already")
    elif value is None:
        outline.role(attribute, number)
        host.roles[attribute] = {}
    else:
        add(host.facts, attribute, value)
