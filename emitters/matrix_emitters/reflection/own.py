"""Own templates: Jinja2 in its sandbox, without I/O, with errors that name the template's line and the missing fact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from matrix_grammar import nearest

from ..errors import EmitterError
from ..sh_tables import spell as spell_sh
from .facts import FleetFacts, HostFacts, RoleFacts, ServiceFacts
from .scene import Scene

if TYPE_CHECKING:
    from types import TracebackType

    from jinja2.sandbox import ImmutableSandboxedEnvironment

_NO_FILTERS: Final = (
    "pprint",
    "random",
    "urlize",
    "xmlattr",
    "tojson",
    "escape",
    "e",
    "forceescape",
    "safe",
    "striptags",
)
"""Filters of Jinja that have no place here: chance, and markup for a page."""

_GLOBALS: Final = ("range", "dict", "namespace", "cycler", "joiner")
"""What Jinja gives to every template, without the text of chance (`lipsum`)."""

_Described = HostFacts | RoleFacts | ServiceFacts


def render_own(scene: Scene, templates: Mapping[str, str]) -> str:
    """The text of an own template. Raises EmitterError with the template's name and line."""
    name = scene.entry.template
    if name not in templates:
        near = nearest(name, templates)
        there = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(templates)) or 'none'}"
        raise EmitterError(
            f"reflect.{scene.entry.name}: there is no template {name} in the folder of templates; {there}"
        )
    from jinja2 import TemplateError

    whose = f" (for {scene.host.name})" if scene.host is not None else ""
    try:
        return _environment(templates).get_template(name).render(_context(scene))
    except (TemplateError, EmitterError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise EmitterError(f"{_place(error, name, templates)}{whose}: {_told(error)}") from error


def _context(scene: Scene) -> dict[str, object]:
    """The names that every own template knows."""
    host = scene.host
    context: dict[str, object] = {
        "fleet": FleetFacts(scene.fleet, host.site if host is not None else None),
        "hosts": [HostFacts(scene.fleet, one) for one in scene.hosts],
        "services": [ServiceFacts(scene.fleet, service) for service in scene.services],
        "generation": scene.generation,
        "digest": scene.digest,
        "header": scene.header,
    }
    if host is not None:
        context["host"] = HostFacts(scene.fleet, host)
    return context


def _environment(templates: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Missing(StrictUndefined):
        """An undefined that says which fact of the MATRIX is not there."""

        @property
        def _undefined_message(self) -> str:
            if isinstance(self._undefined_obj, _Described) and self._undefined_name is not None:
                return self._undefined_obj.lacks(str(self._undefined_name))
            return super()._undefined_message

    made = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda name: (templates[name], name, None) if name in templates else None),
        undefined=Missing,
        finalize=_printable,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,
    )
    made.filters = {name: made.filters[name] for name in made.filters if name not in _NO_FILTERS}
    made.filters |= {"sh": _sh, "json": _json, "lines": _lines}
    made.globals = {name: made.globals[name] for name in _GLOBALS}
    return made


class Written(str):
    """Text that a filter made fit for the output, line breaks and all."""

    __slots__ = ()


def _printable(value: object) -> object:
    """A value as it is printed. Text with a line break or another control character would add lines to the file, so it
    needs a filter that says what is meant.
    """
    if value is None or isinstance(value, (list, tuple, dict, set)):
        raise EmitterError(f"{value!r:.60} is no text: print its parts, or use | join(' ') or | json")
    if isinstance(value, Written):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | HostFacts | RoleFacts | ServiceFacts):
        text = str(value)
        if any(ord(letter) < 32 or ord(letter) == 127 or letter in "\x85\u2028\u2029" for letter in text):
            raise EmitterError(f"{text!r:.60} holds a control character; print it with | json, | sh or | lines")
        return text
    return value


def _sh(value: object) -> Written:
    """A literal for a POSIX shell."""
    return Written(spell_sh(str(value)))


def _json(value: object) -> Written:
    """A literal of JSON."""
    return Written(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))


def _lines(value: object, lead: str = "") -> Written:
    """The text with its line breaks, `lead` before each line, and without other control characters."""
    kept = ["".join(c for c in line if ord(c) >= 32 and ord(c) != 127) for line in str(value).splitlines()]
    return Written("\n".join(lead + line for line in kept))


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
    if isinstance(error, KeyError):
        return f"there is no {error.args[0] if error.args else 'such key'}"
    return str(error)
