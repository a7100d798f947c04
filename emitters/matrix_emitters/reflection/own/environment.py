"""The Jinja environment of own templates: no I/O, no chance, and no value that adds a line unseen."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import FunctionLoader, StrictUndefined, nodes, pass_context
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from matrix_emitters.bindings.sh.literal import spell as spell_sh
from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.templating import MANNERS

from . import bounds as own_bounds
from .facts import TemplateFacts
from .filters import bounded

_NO_FILTERS: Final = frozenset(
    {"pprint", "random", "urlize", "xmlattr", "tojson", "escape", "e", "forceescape", "safe", "striptags"}
)
"""Filters of Jinja that have no place here: chance, and markup of web pages."""

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_GLOBALS: Final = ("range", "dict", "namespace", "cycler", "joiner")
"""What Jinja gives to every template, without the text of chance (`lipsum`)."""


class Written(str):
    """Text that a template itself put together, or a filter made fit for the output: line breaks and all."""

    __slots__ = ()


class Missing(StrictUndefined):
    """An undefined that says which fact of the MATRIX is not there."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, TemplateFacts) and self._undefined_name is not None:
            return self._undefined_obj.lacks(str(self._undefined_name))
        return super()._undefined_message


class OwnEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox for one file, within the bounds of own_bounds.

    What a macro has put together may have lines, since its values were looked at one by one.
    """

    intercepted_binops = frozenset({"*", "**", "%", "+"})
    steps = 0
    characters = 0

    def step(self, count: int = 1) -> None:
        """A turn of a loop, or so many. Raises EmitterError when there were too many."""
        self.steps += count
        own_bounds.demand(self.steps, own_bounds.MOST_STEPS, "turns of loops")

    def printed(self, value: object) -> object:
        """A value as it is printed. Raises EmitterError for what is no text, or too much of it."""
        found = _printable(value)
        if isinstance(found, str):
            self.characters += len(found)
            own_bounds.demand(self.characters, own_bounds.MOST_CHARACTERS, "characters that are printed")
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found: nodes.Template = own_bounds.Bounding().visit(super()._parse(source, name, filename))
        return found

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator that can make much out of little."""
        own_bounds.binary(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls."""
        __self.step(10)
        own_bounds.call(__obj, args, kwargs)
        found = super().call(__context, __obj, *args, **kwargs)
        return Written(found) if isinstance(__obj, Macro) else found


def own_environment(templates: Mapping[str, str]) -> OwnEnvironment:
    """An environment in which templates see each other (`include`, `import`) and nothing else."""
    made = OwnEnvironment(
        loader=FunctionLoader(lambda name: (templates[name], name, None) if name in templates else None),
        undefined=Missing,
        **MANNERS,
    )
    made.finalize = made.printed
    made.filters = {name: one for name, one in made.filters.items() if name not in _NO_FILTERS}
    made.filters |= bounded(made.filters)
    indent, trim = made.filters["indent"], made.filters["trim"]
    made.filters |= {"sh": _sh, "json": _json, "lines": _lines}
    made.filters |= {own_bounds.STEP: _step, own_bounds.CONCAT: _concat}
    made.filters["indent"] = lambda text, *how, **more: _type_of(text)(indent(text, *how, **more))
    made.filters["trim"] = lambda text, *how: _type_of(text)(trim(text, *how))
    made.globals = {name: made.globals[name] for name in _GLOBALS}
    return made


@pass_context  # of one environment alone, Jinja would count while it compiles
def _step(context: Context, nothing: str) -> str:
    """A turn of a loop."""
    assert isinstance(context.environment, OwnEnvironment)
    context.environment.step()
    return nothing


def _concat(parts: list[object]) -> str:
    """The operator `~`."""
    own_bounds.length("", own_bounds.weigh(parts))
    return "".join(map(str, parts))


def _type_of(text: object) -> type[str]:
    """Whether a filter's result may have lines: where its text might."""
    return Written if isinstance(text, Written) else str


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
    if isinstance(value, str | TemplateFacts):
        text = str(value)
        if _CONTROL.search(text):
            raise EmitterError(f"{text!r:.60} holds a control character; print it with | json, | sh or | lines")
        return text
    return value


def _sh(value: object) -> Written:
    """A literal for a POSIX shell."""
    return Written(spell_sh(_plain(value)))


def _json(value: object) -> Written:
    """A literal of JSON; of a host or another fact its name."""
    own_bounds.length("", own_bounds.weigh(value))
    return Written(json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain))


def _lines(value: object, lead: str = "") -> Written:
    """The text with its line breaks, `lead` before each line, and without other control characters."""
    text = _plain(value)
    own_bounds.length("", len(text) + (1 + len(text.splitlines())) * len(str(lead)))
    kept = ["".join(c for c in line if ord(c) >= 32 and not 127 <= ord(c) < 160) for line in _plain(value).splitlines()]
    return Written("\n".join(lead + line for line in kept))


def _plain(value: object) -> str:
    """The text of a value. Raises the error of an undefined, and EmitterError for what is no text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | TemplateFacts | StrictUndefined):
        return str(value)
    raise EmitterError(f"{value!r:.60} is no text")
