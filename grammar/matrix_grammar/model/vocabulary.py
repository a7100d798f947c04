"""What every MATRIX knows without declaring it: states, the directives by name, and words that are kept."""

from __future__ import annotations

from typing import Final

from .declared import StateKind

LANGUAGE_VERSION: Final = 1
"""The newest version of the language that this program reads."""

STATES: Final = {
    "WARN": StateKind("WARN", True, "in service, but look at it"),
    "STOP": StateKind("STOP", False, "out of service"),
}

UP: Final = "UP"
"""The selector's word for every host in service; no state may have this name."""

LONGEST_LABEL: Final = 63
"""Letters between two dots of a name in DNS (RFC 1035, section 2.3.4)."""

DIRECTIVES: Final = {
    "@matrix": "@matrix N",
    "@include": "@include GLOB",
    "@domain": "@domain NAME",
    "@site": "@site NAME",
    "@rack": "@rack NAME",
    "@default": "@default key=value …",
    "@group": "@group NAME = SELECTOR",
    "@state": '@state NAME in|out "meaning"',
    "@property": '@property KEY TYPE [list] "meaning"',
    "@strict": "@strict",
}
"""The directives, with the form of each."""

KINDS: Final = ("int", "number", "bool", "text", "ip", "endpoint", "host", "url", "duration", "one-of")
"""The types of properties."""

NAMED_FORMS: Final = (
    "check", "status codes", "host name", "host or address", "host or none", "host key", "user", "interface",
    "selector", "path and role", "path and selector", "variable",
)  # fmt: skip
"""The forms of values that a property can have by name (`value_forms.py`)."""
