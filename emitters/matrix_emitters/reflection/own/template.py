"""Own templates: Jinja2 in its sandbox, without I/O, with errors that name the template's line and the missing fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from matrix_common.words import did_you_mean, nearest
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.scene import Scene

from .facts import FleetFacts, HostFacts, ServiceFacts

if TYPE_CHECKING:
    from types import TracebackType


_MISTAKES = (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
"""What Python raises for mistakes of a template."""


def render_own(scene: Scene, templates: Mapping[str, str]) -> str:
    """The text of an own template. Raises EmitterError with the template's name and line."""
    name = scene.entry.template
    if name not in templates:
        cure = did_you_mean(nearest(name, templates)[:1])
        there = cure or f"there are {', '.join(sorted(templates)) or 'none'}"
        raise EmitterError(
            f"reflect.{scene.entry.name}: there is no template {name} in the folder of templates; {there}"
        )
    from jinja2 import TemplateError

    from .environment import own_environment  # with jinja2, which only who renders pays for

    whose = f" (for {scene.host.name})" if scene.host is not None else ""
    try:
        return _whole(own_environment(templates).get_template(name).generate(_context(scene)))
    except (TemplateError, EmitterError, *_MISTAKES) as error:
        raise EmitterError(f"{_place(error, name, templates)}{whose}: {_told(error)}") from error


def _whole(pieces: Iterator[str]) -> str:
    """The file, from its pieces. Raises EmitterError when they become too much."""
    from .bounds import MOST_CHARACTERS

    kept: list[str] = []
    left = 2 * MOST_CHARACTERS  # what is printed has its own bound, which tells its line
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise EmitterError(f"characters of the file: at most {2 * MOST_CHARACTERS:,} are allowed")
        kept.append(piece)
    return "".join(kept)


def _context(scene: Scene) -> dict[str, object]:
    """The names that every own template knows."""
    host = scene.host
    context: dict[str, object] = {
        "fleet": FleetFacts(scene.fleet, host.site if host is not None else None),
        "hosts": [HostFacts(one) for one in scene.hosts],
        "services": [ServiceFacts(service) for service in scene.services],
        "generation": scene.generation,
        "digest": scene.digest,
        "header": scene.header,
    }
    if host is not None:
        context["host"] = HostFacts(host)
    return context


def _place(error: BaseException, name: str, templates: Mapping[str, str]) -> str:
    """`TEMPLATE:LINE`, where the error came up: of a syntax error its own, else the innermost line of a template."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or name}:{error.lineno}"
    found, line = name, 0
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file in templates:
            found, line = file, trace.tb_lineno
        trace = trace.tb_next
    return f"{found}:{line}" if line else found


def _told(error: BaseException) -> str:
    """What the error says, for a person."""
    from jinja2 import TemplateNotFound

    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name} in the folder of templates"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, RecursionError):
        return "templates or macros that call each other without end"
    if isinstance(error, KeyError):
        return f"there is no {error.args[0] if error.args else 'such key'}"
    return str(error)
