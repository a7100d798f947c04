"""An Ansible inventory as INI, read as Ansible's own `ini` plugin reads it."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from typing import Final

from matrix_sources.outline.host_ranges import MOST_HOSTS, expand_name
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.lines import numbered_lines
from matrix_sources.outline.spelling import is_plain

from .inventory import Inventory, Unusable, Variable

_SECTION: Final = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_PORT: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]*(?:\[[^\]]*\][^:\[\]]*)*)):(?P<port>[0-9]+)"
)
_RANGE: Final = re.compile(r"\[([0-9A-Za-z]+):([0-9A-Za-z]+)(?::([0-9]+))?\]")
_LITERAL: Final = re.compile(r"""[-+0-9.'"\[({TFNrRbBuUx]""")
_OPEN: Final = "a quote is not closed"
_NO_PAIR: Final = "no key=value behind a host"
_NO_VARIABLE: Final = "no key=value among the variables"
_NO_NAME: Final = "no name of a host"
_LETTER: Final = re.compile("[A-Za-z0-9:]")
_NO_SECTION: Final = "a section that Ansible does not know; so is what stands in it"
_IN_NO_SECTION: Final = "within a section that Ansible does not know"
_REFUSED: Final = (_OPEN, _NO_PAIR, _NO_VARIABLE, _NO_NAME, _NO_SECTION, _IN_NO_SECTION)
"""Reasons for which Ansible refuses the whole file."""

_LIST: Final = re.compile(
    r"""\[(?:{item}(?:, ?{item})*+)?\]""".format(item=r"""(?:0|-?[1-9][0-9]{0,14}|'[ !#-&(-\[\]-~]*+')""")
)
_ITEM: Final = re.compile("'([^']*)'|([-0-9]+)")
"""A list that means what it says, and its items: whole numbers, and texts without escapes."""

_LONGEST_LITERAL: Final = 2_000
_ITSELF: Final = re.compile(r"0|-?[1-9][0-9]*|[0-9]+(?:\.[0-9]+)+")
"""Literals that are taken as they stand."""

_WORDS: Final = re.compile(r"""(?:[ \t]*+(?:[^ \t\r\n"'\\#]++|'[^']*+'|"[^"\\]*+")++)*+[ \t]*+(?:\#.*)?""")
_WORD: Final = re.compile(r"""(?:[^ \t"'#]++|'[^']*'|"[^"]*")+|\#.*""")
_QUOTED: Final = re.compile(r"""'([^']*)'|"([^"]*)\"""")


def read_ini(text: str) -> Inventory:
    """The inventory of an INI text; lines that Ansible would refuse are left, and told.

    Raises DraftError when most lines are such.
    """
    with warnings.catch_warnings(action="ignore"):  # of literals, as of `"\d"`
        return _read(text)


def _read(text: str) -> Inventory:
    inventory = Inventory()
    section, kind = "ungrouped", "hosts"
    written = 0
    for number, line in numbered_lines(text, inventory.outline):
        if not line:
            continue
        if line[0] in "#;":
            inventory.outline.comments.append((number, line.strip("#; \t")))
            continue
        written += 1
        if line[0] == "[" and (match := _SECTION.fullmatch(line)):
            section, kind = match[1], match[2] or "hosts"
            if kind not in ("hosts", "vars", "children"):
                inventory.outline.leave(number, line, _NO_SECTION)
            inventory.group(section, number)
        elif kind == "hosts":
            _host_line(inventory, section, number, line)
        elif kind == "vars":
            _variable_line(inventory, section, number, line)
        elif kind == "children":
            child = line.split("#", 1)[0].strip()
            inventory.group(section, number).children.setdefault(child, number)
            inventory.group(child, number)
        else:
            inventory.outline.leave(number, line, _IN_NO_SECTION)
    refused = {left.line: left.text for left in inventory.outline.leftovers if left.reason in _REFUSED}
    if 2 * len(refused) > written:
        number, line = next(iter(refused.items()))
        raise DraftError(f"line {number}: {line[:60]!r} is nothing in an inventory; is this the right file?")
    return inventory


def _host_line(inventory: Inventory, section: str, number: int, line: str) -> None:
    """`web[01:20] ansible_host=… key=value`."""
    try:
        words = _split(line)
    except ValueError:
        inventory.outline.leave(number, line, _OPEN)
        return
    if not words:
        return
    if not _LETTER.search(words[0]):
        inventory.outline.leave(number, line, _NO_NAME)
        return
    pattern, port = without_port(words[0]) if ":" in words[0] else (words[0], "")
    variables: dict[str, Variable] = {}
    if port:
        variables["ansible_port"] = Variable(number, port)
    for word in words[1:]:
        key, sign, value = word.partition("=")
        if not sign or not key:
            inventory.outline.leave(number, word, _NO_PAIR)
            continue
        variable = Variable(number, _value(value))
        if key in variables:
            inventory.set(variables, words[0], key, variable)
        else:
            variables[key] = variable
    group = inventory.group(section, number)
    for name in expanded(inventory, number, pattern) if "[" in pattern else (pattern,):
        held = inventory.host(name, number)
        if held:
            for key, variable in variables.items():
                inventory.set(held, name, key, variable)
        else:
            held.update(variables)
        group.hosts.setdefault(name, number)


def _split(line: str) -> list[str]:
    """The words of a line as shlex has them, which takes 0.1 ms, and is asked only where there is a backslash.

    Raises ValueError where a quote is not closed.
    """
    if not ('"' in line or "'" in line or "#" in line or "\\" in line) and is_plain(line):
        return line.split()
    if not _WORDS.fullmatch(line):
        if "\\" not in line and "\r" not in line:
            raise ValueError(_OPEN)
        return shlex.split(line, comments=True)
    words = _WORD.findall(line)
    if words and words[-1][0] == "#":
        words.pop()
    if "'" in line or '"' in line:
        return [_QUOTED.sub(lambda match: match[1] or match[2] or "", word) for word in words]
    return words


def without_port(pattern: str) -> tuple[str, str]:
    """A host pattern and the port behind it, as in `web1:2222` and `[2001:db8::1]:22`; empty where there is none."""
    match = _PORT.fullmatch(pattern)
    return (match["six"] or match["name"], match["port"]) if match else (pattern, "")


def expanded(inventory: Inventory, number: int, pattern: str) -> list[str]:
    """The names of a host pattern: Ansible's `[01:20:2]` is `[01-20/2]` here."""
    if "[" not in pattern:
        return [pattern]
    if len(inventory.hosts) > MOST_HOSTS:
        raise DraftError(f"more than {MOST_HOSTS:,} hosts")
    ranges = _RANGE.sub(lambda m: f"[{m[1]}-{m[2]}{f'/{m[3]}' if m[3] else ''}]", pattern)
    return expand_name(inventory.outline, number, ranges)


def _variable_line(inventory: Inventory, section: str, number: int, line: str) -> None:
    key, sign, value = line.partition("=")
    if not sign or not key.strip():
        inventory.outline.leave(number, line, _NO_VARIABLE)
        return
    inventory.set(
        inventory.group(section, number).variables, section, key.strip(), Variable(number, _value(value.strip()))
    )


def _value(text: str) -> object:
    """A value as Ansible takes it: a Python literal if it is one, text otherwise."""
    if _ITSELF.fullmatch(text) or not _LITERAL.match(text) or len(text) > _LONGEST_LITERAL:
        return text
    if text[0] == "[" and _LIST.fullmatch(text):  # in a fifth of the time that literal_eval takes
        return [said if not number else int(number) for said, number in _ITEM.findall(text)]
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return text.partition("#")[0].strip() if isinstance(value, float) else str(value)
    if isinstance(value, list | tuple):
        return list(value)
    if value is None or isinstance(value, str | bool):
        return Unusable("nothing is set") if value is None else value
    return Unusable("values within values")
