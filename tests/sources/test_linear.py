"""Importing takes time in proportion to what is imported: four times the lines less than six times the work."""

import sys
from collections.abc import Callable

import pytest

from matrix_sources.registry import draft


def _address(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


LINES: dict[str, tuple[str, str, Callable[[int], str]]] = {
    "names without an address of their own": ("hosts", "", lambda n: f"0.0.0.0 ad{n}.example.com\n"),
    "names of one address": ("hosts", "", lambda n: f"10.0.0.9 ad{n}.example.com\n"),
    "blocks that are not closed": ("keepalived", "global_defs {\n}\n", lambda n: "a {\n"),
    "unknown keywords": ("keepalived", "global_defs {\n}\n", lambda n: f"foo{n} bar\n"),
    "open quotes": ("keepalived", "global_defs {\n}\n", lambda n: 'a "b\n'),
    "definitions": ("keepalived", "global_defs {\n}\n", lambda n: f"$A{n}=x\nfoo $A{n}\n"),
    "attributes of one host each": ("genders", "", lambda n: f"h{n} a{n}\n"),
    "unknown settings": ("ssh_config", "Host a\n", lambda n: f" SendEnv x{n}\n"),
    "hosts": ("ssh_config", "", lambda n: f"Host h{n}\n HostName {_address(n)}\n"),
    "roles": ("csv", "name,address,role\n", lambda n: f"h{n},{_address(n)},r{n}\n"),
    "rows of one host": ("csv", "name,address,role\n", lambda n: f"h1,{_address(n)},r{n}\n"),
    "hosts of a group": ("ansible", "[g]\n", lambda n: f"h{n} v={n}\n"),
    "groups of groups": ("ansible", "[g0]\nh\n", lambda n: f"[g{n + 1}:children]\ng{n}\n"),
    "hosts of YAML": ("ansible", "all:\n  hosts:\n", lambda n: f"    h{n}:\n      v: {n}\n"),
}


def work(kind: str, text: str) -> int:
    """How many lines of Python a draft takes, those of comprehensions among them: the same at each run."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        draft(kind, text, "x")
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("what", LINES)
def test_four_times_the_lines_are_less_than_six_times_the_work(what: str) -> None:
    kind, head, line = LINES[what]
    draft(kind, head + line(0), "x")  # what is imported when it is first needed
    few, many = (work(kind, head + "".join(map(line, range(count)))) for count in (150, 600))
    assert many < 6 * few
