"""The MATRIX language: from text to a Fleet, with the diagnostics of a good compiler."""

from __future__ import annotations

from .codes import CODES, Code
from .diagnostics import Diagnostic, MatrixError, Note, Place, SelectorError
from .explaining import explanation, page
from .fleet import Fleet
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
from .ranges import fold
from .nodes import Document
from .reading import Reader, Reading, load, loads, read, reads
from .render import FORMATS, render, safe
from .selector import HostSet
from .sources import Library, Source
from .syntax import parse

__all__ = [
    "CODES", "FORMATS", "RESERVED_NAMES", "RESERVED_PROPERTIES", "Code", "Diagnostic", "Document", "Fleet", "Group", "Host", "HostSet", "Library", "MatrixError",
    "Membership", "Note", "Place", "PropertyType", "Reader", "Reading", "Role", "RoleSection", "Scalar", "SelectorError",
    "Source", "State", "StateKind", "Value", "binding_name", "explanation", "fold", "load", "loads", "nearest", "page", "parse", "read", "reads", "render", "safe", "text", "texts",
]  # fmt: skip
