"""The files of the sh binding: `/etc/dsas.conf`, `/etc/dsas.d/dsas.sh`, and `fleet.sh` with its parts."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from matrix_common.terminal import UNSAFE
from matrix_emitters.bindings.sh.fleetwork import PARTS, SENT, host_script, part
from matrix_emitters.errors import EmitterError
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Name
from matrix_emitters.writing.templating import environment

from .assembly import template
from .names import mistakes
from .tables import SH, lists, tables, words

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

CONF = "/etc/dsas.conf"
FUNCTIONS = "/etc/dsas.d/dsas.sh"
FLEETWORK = "/etc/dsas.d/fleet.sh"
"""FORALL, SYNCALL and DIFFALL for hosts that have nothing but ssh and sh."""

LINES = (
    "name", "address", "fullname", "site", "rack", "note", "state", "reason", "get", "get_in", "role_get",
    "role_get_at", "meaning", "self",
)  # fmt: skip
LISTINGS = ("hosts", "serving", "roles", "groups", "sites", "addresses", "self_roles")
PREDICATES = ("is", "in_service")


def texts(view: View) -> dict[str, str]:
    """The text of each file. Raises EmitterError for what `mistakes` finds."""
    wrong = mistakes(view)
    if wrong:
        raise EmitterError(f"{wrong[0].message}; {wrong[0].cure}")
    functions = PurePosixPath(view.options.path(FUNCTIONS))
    assignments, variables = lists(view)
    common = {
        "generation": view.generation,
        "digest": Name(view.digest),
        "format": view.format,
        "folder": SH.literal(str(functions.parent)),
        "file": Name(functions.name),
        "fleetwork": Name(PurePosixPath(view.options.path(FLEETWORK)).name),
        "predicate_pattern": SH.join(" | ", map(Name, PREDICATES)),
    }
    conf = _render(
        "dsas.conf.j2",
        common
        | {
            "all": SH.trusted(words(host.name for host in view.hosts)),
            "lists": assignments,
            "variables": SH.literal(" ".join(variables)),
            "questions": [Name(name) for name in (*LINES, *LISTINGS, *PREDICATES, "ask")],
        },
    )
    code = _render(
        "dsas.sh.j2",
        common
        | {
            "lines": SH.join(" ", map(Name, LINES)),
            "listings": SH.join(" ", map(Name, LISTINGS)),
            "predicate_words": SH.join(" ", map(Name, PREDICATES)),
            "line_pattern": SH.join(" | ", [Name(name) for name in LINES if name != "get"]),
            "listing_pattern": SH.join(" | ", map(Name, LISTINGS)),
            "letters": [(Name(letter), Name(letter.lower())) for letter in string.ascii_uppercase],
            "tables": tables(view),
        },
    )
    return {CONF: conf, FUNCTIONS: code} | _fleetwork(common | {"conf": SH.literal(view.options.path(CONF))})


def _fleetwork(common: Mapping[str, object]) -> dict[str, str]:
    """`fleet.sh`, and beside it what each of the three commands has for itself, which it loads."""
    pieces = {name: SH.trusted(part(name)) for name in ("terminal", "call", "report", "reach", "itself")}
    pieces["firm"] = SH.trusted(host_script("firm"))
    unsafe = SH.literal(" ".join(f"{first}-{last}" for first, last in UNSAFE))
    texts = {FLEETWORK: _render("fleet.sh.j2", {**common, **pieces, "unsafe": unsafe})}
    for command, parts in PARTS.items():
        sent = [f"{name}={SH.literal(host_script(name))}\n" for name in SENT[command]]
        texts[f"/etc/dsas.d/fleet-{command}.sh"] = "\n".join([*map(part, parts), "".join(sent)])
    return texts


def _render(name: str, context: Mapping[str, object]) -> str:
    """A template with what it names filled in. Raises EmitterError on unquoted output, Jinja's errors on bugs."""
    return _environment().get_template(name).render(context)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """The templates as hosts have them, shortened when they are read."""
    from importlib.resources import files

    from jinja2 import FunctionLoader

    folder = files(__package__).joinpath("templates")
    return environment(SH, FunctionLoader(lambda name: template(folder.joinpath(name).read_text(encoding="utf-8"))))
