"""The MATRIX language: from text to a Fleet, with the diagnostics of a good compiler."""

from __future__ import annotations

from .codes import CODES, Code
from .diagnostics import Diagnostic, MatrixError, Note, Place, SelectorError
from .difference import Change, compare, emptied_roles, removed_hosts
from .difference_text import describe
from .explaining import explanation, page
from .fleet import Fleet
from .formatter import format_text
from .loader import Disk
from .model import (
    Group,
    Host,
    Membership,
    PropertyType,
    Role,
    RoleSection,
    Scalar,
    State,
    StateKind,
    Value,
    text,
    texts,
)
from .names import RESERVED_NAMES, RESERVED_PROPERTIES, binding_name, nearest
from .nodes import Document
from .ranges import RangeError, expand, fold
from .reading import Reader, Reading, load, loads, read, reads
from .render import FORMATS, render, safe
from .selector import HostSet, unknown_name
from .selector_stored import STORED_FORMAT, select_stored, stored
from .sources import Library, Source, Texts, Unreadable
from .syntax import parse

__all__ = [
    "CODES",
    "FORMATS",
    "RESERVED_NAMES",
    "RESERVED_PROPERTIES",
    "STORED_FORMAT",
    "Change",
    "Code",
    "Diagnostic",
    "Disk",
    "Document",
    "Fleet",
    "Group",
    "Host",
    "HostSet",
    "Library",
    "MatrixError",
    "Membership",
    "Note",
    "Place",
    "PropertyType",
    "RangeError",
    "Reader",
    "Reading",
    "Role",
    "RoleSection",
    "Scalar",
    "SelectorError",
    "Source",
    "State",
    "StateKind",
    "Texts",
    "Unreadable",
    "Value",
    "binding_name",
    "compare",
    "describe",
    "emptied_roles",
    "expand",
    "explanation",
    "fold",
    "format_text",
    "load",
    "loads",
    "nearest",
    "page",
    "parse",
    "read",
    "reads",
    "removed_hosts",
    "render",
    "safe",
    "select_stored",
    "stored",
    "text",
    "texts",
    "unknown_name",
]  # fmt: skip
