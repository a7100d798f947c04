"""The MATRIX language: from text to a Fleet, with the diagnostics of a good compiler.

This is the room's door. A name is imported from its file when it is first asked for, so that `matrix query` does not
pay for the formatter, nor `import matrix_grammar` for anything. To add a name, put it into all three lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .doors import door

if TYPE_CHECKING:
    from .codes import CODES, Code
    from .diagnostics import Diagnostic, MatrixError, Note, Place, SelectorError
    from .difference import Change, compare, emptied_roles, removed_hosts
    from .difference_text import describe, describe_all
    from .drafting.drafts import DRAFT_KINDS, draft
    from .drafting.keepalived_conf import KeepalivedConf, KeepalivedStatement, parse_keepalived
    from .drafting.leftover import DraftError, Leftover
    from .drafting.writing import Draft
    from .explaining import explanation, page
    from .fence import real_path
    from .fleet import Fleet
    from .formatter import format_text
    from .homes import at_home
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
    from .notice import NEXT_RELEASE, TO_ALLOW, TO_KEEP, Notice
    from .occurrences import Written, written
    from .program import Interrupted, OutputLost, reason_of, run_program, said_of, undisturbed
    from .ranges import RangeError, expand, fold
    from .reading import Reader, Reading, load, loads, read, reads
    from .rendering import FORMATS, render
    from .safe_stream import SafeStream, guard_standard_error, styled
    from .safe_text import UNSAFE, safe, safe_bytes, safe_json, safe_lines, toml_text
    from .selector import HostSet, unknown_name
    from .selector_stored import STORED_FORMAT, select_stored, stored
    from .settings import Setting, SettingsError, declared, from_environment, given, setting, tables_of
    from .sources import Included, Library, Overlay, Refused, Source, Texts, TooMuch, Unreadable
    from .syntax import parse
    from .trust import (
        Judge,
        Trusted,
        UntrustedError,
        Verdict,
        strange_link,
        together,
        trust_file,
        trusted_here,
    )
    from .value_forms import (
        CHECK_FORM,
        CHECK_FORMS,
        COOKIE,
        HAPROXY_BALANCE,
        HTTPD_METHODS,
        HTTPD_SCHEMES,
        INTERFACE,
        NGINX_METHOD,
        SCHEDULERS,
        STATUS_FORM,
        VARIABLE,
    )

_FILES = {
    "codes": "CODES Code",
    "diagnostics": "Diagnostic MatrixError Note Place SelectorError",
    "difference": "Change compare emptied_roles removed_hosts",
    "difference_text": "describe describe_all",
    "drafting.drafts": "DRAFT_KINDS draft",
    "drafting.keepalived_conf": "KeepalivedConf KeepalivedStatement parse_keepalived",
    "doors": "door",
    "drafting.leftover": "DraftError Leftover",
    "drafting.writing": "Draft",
    "explaining": "explanation page",
    "fleet": "Fleet",
    "formatter": "format_text",
    "homes": "at_home",
    "fence": "real_path",
    "loader": "Disk",
    "model": "Group Host Membership PropertyType Role RoleSection Scalar State StateKind Value text texts",
    "names": "RESERVED_NAMES RESERVED_PROPERTIES binding_name nearest",
    "nodes": "Document",
    "notice": "NEXT_RELEASE TO_ALLOW TO_KEEP Notice",
    "program": "Interrupted OutputLost reason_of run_program said_of undisturbed",
    "ranges": "RangeError expand fold",
    "reading": "Reader Reading load loads read reads",
    "rendering": "FORMATS render",
    "safe_stream": "SafeStream guard_standard_error styled",
    "safe_text": "UNSAFE safe safe_bytes safe_json safe_lines toml_text",
    "selector": "HostSet unknown_name",
    "selector_stored": "STORED_FORMAT select_stored stored",
    "settings": "Setting SettingsError declared from_environment given setting tables_of",
    "sources": "Included Library Overlay Refused Source Texts TooMuch Unreadable",
    "syntax": "parse",
    "trust": "Judge Trusted UntrustedError Verdict strange_link together trust_file trusted_here",
    "occurrences": "Written written",
    "value_forms": (
        "CHECK_FORM CHECK_FORMS COOKIE HAPROXY_BALANCE HTTPD_METHODS HTTPD_SCHEMES "
        "INTERFACE NGINX_METHOD SCHEDULERS STATUS_FORM VARIABLE"
    ),
}

if not TYPE_CHECKING:
    __getattr__ = door(globals(), _FILES)


__all__ = [
    "CHECK_FORM",
    "CHECK_FORMS",
    "CODES",
    "COOKIE",
    "DRAFT_KINDS",
    "FORMATS",
    "HAPROXY_BALANCE",
    "HTTPD_METHODS",
    "HTTPD_SCHEMES",
    "INTERFACE",
    "NEXT_RELEASE",
    "NGINX_METHOD",
    "RESERVED_NAMES",
    "RESERVED_PROPERTIES",
    "SCHEDULERS",
    "STATUS_FORM",
    "STORED_FORMAT",
    "TO_ALLOW",
    "TO_KEEP",
    "UNSAFE",
    "VARIABLE",
    "Change",
    "Code",
    "Diagnostic",
    "Disk",
    "Document",
    "Draft",
    "DraftError",
    "Fleet",
    "Group",
    "Host",
    "HostSet",
    "Included",
    "Interrupted",
    "Judge",
    "KeepalivedConf",
    "KeepalivedStatement",
    "Leftover",
    "Library",
    "MatrixError",
    "Membership",
    "Note",
    "Notice",
    "OutputLost",
    "Overlay",
    "Place",
    "PropertyType",
    "RangeError",
    "Reader",
    "Reading",
    "Refused",
    "Role",
    "RoleSection",
    "SafeStream",
    "Scalar",
    "SelectorError",
    "Setting",
    "SettingsError",
    "Source",
    "State",
    "StateKind",
    "Texts",
    "TooMuch",
    "Trusted",
    "Unreadable",
    "UntrustedError",
    "Value",
    "Verdict",
    "Written",
    "at_home",
    "binding_name",
    "compare",
    "declared",
    "describe",
    "describe_all",
    "door",
    "draft",
    "emptied_roles",
    "expand",
    "explanation",
    "fold",
    "format_text",
    "from_environment",
    "given",
    "guard_standard_error",
    "load",
    "loads",
    "nearest",
    "page",
    "parse",
    "parse_keepalived",
    "read",
    "reads",
    "real_path",
    "reason_of",
    "removed_hosts",
    "render",
    "run_program",
    "safe",
    "safe_bytes",
    "safe_json",
    "safe_lines",
    "said_of",
    "select_stored",
    "setting",
    "stored",
    "strange_link",
    "styled",
    "tables_of",
    "text",
    "texts",
    "together",
    "toml_text",
    "trust_file",
    "trusted_here",
    "undisturbed",
    "unknown_name",
    "written",
]
