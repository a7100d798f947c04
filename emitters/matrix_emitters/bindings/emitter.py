"""An emitter makes one language's files; the registry knows them all; `build` runs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from matrix_emitters.errors import EmitterError
from matrix_emitters.plugins import BuiltIn, instance, offered
from matrix_emitters.view.options import BindingOptions
from matrix_emitters.view.view import View

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from matrix_emitters.artifacts.artifact import Artifact
    from matrix_grammar import Fleet
    from matrix_grammar.diagnostics import Diagnostic

Given = TypeVar("Given")

GROUP = "matrix_emitters"
"""The entry point group in which a package offers a further emitter: `name = "package.module:Class"`."""

BUILT_IN: Mapping[str, str] = {
    "sh": "matrix_emitters.bindings.sh.emitter:ShEmitter",
    "perl": "matrix_emitters.bindings.perl.emitter:PerlEmitter",
    "php": "matrix_emitters.bindings.php.emitter:PhpEmitter",
    "python": "matrix_emitters.bindings.python.emitter:PythonEmitter",
    "json": "matrix_emitters.bindings.json.emitter:JsonEmitter",
    "ruby": "matrix_emitters.bindings.ruby.emitter:RubyEmitter",
    "javascript": "matrix_emitters.bindings.javascript.emitter:JavascriptEmitter",
}
"""The emitters of this package. They are registered in the same way as those of others."""


class Emitter(ABC):
    """Makes the files of one language. A class without arguments; an instance holds no state.

    `artifacts` must be pure: no clock, no disk, no environment. Equal views give equal bytes.
    """

    @abstractmethod
    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """The files, made by `view.options.artifact`, so that a site can move them. Raises EmitterError."""

    def check(self, view: View) -> tuple[Diagnostic, ...]:
        """What in this Fleet or these options this language cannot do; an error keeps the MATRIX from being used."""
        return ()


@cache
def registered() -> Mapping[str, BuiltIn | EntryPoint]:
    """Every emitter by name: the built-in ones, then those of installed packages, by name.

    Raises EmitterError when two packages offer the same name.
    """
    return offered(GROUP, BUILT_IN, "emitter")


def emitter(name: str) -> Emitter:
    """The emitter of that name. Raises EmitterError when there is none, or it cannot be loaded."""
    known = BUILT_IN.get(name)
    points = registered() if known is None else {name: BuiltIn(name, known)}
    return instance(name, points, Emitter, "emitter")  # type: ignore[type-abstract]


def build(
    fleet: Fleet,
    generation: int,
    options: BindingOptions | None = None,
    only: Iterable[str] | None = None,
) -> tuple[Artifact, ...]:
    """All bindings of a Fleet, sorted by path; with `only` those of the named emitters.

    The same arguments give the same bytes. Raises EmitterError, also when two emitters claim one path.
    """
    from matrix_emitters.artifacts.artifact import Artifact  # who only checks makes none

    view = View(fleet, generation, options or BindingOptions())
    made: dict[str, tuple[str, Artifact]] = {}
    for name in dict.fromkeys(registered() if only is None else only):
        for artifact in _all(emitter(name).artifacts(view), Artifact, name):
            if artifact.path in made:
                raise EmitterError(f"{made[artifact.path][0]} and {name} both make {artifact.path}; move one of them")
            made[artifact.path] = (name, artifact)
    return tuple(artifact for _, (_, artifact) in sorted(made.items()))


def check_options(
    fleet: Fleet, options: BindingOptions | None = None, only: Iterable[str] | None = None
) -> tuple[Diagnostic, ...]:
    """What the bindings cannot do with this Fleet and these options, from every emitter."""
    from matrix_grammar.diagnostics import Diagnostic

    view = View(fleet, 0, options or BindingOptions())
    names = dict.fromkeys(registered() if only is None else only)
    return tuple(found for name in names for found in _all(emitter(name).check(view), Diagnostic, name))


def _all(made: Iterable[Given], kind: type[Given], name: str) -> Iterable[Given]:
    """What an emitter gave, each of which must be a `kind`: it may be somebody else's. Raises EmitterError."""
    if not isinstance(made, tuple | list) or not all(isinstance(one, kind) for one in made):
        raise EmitterError(f"emitter {name} gives {made!r:.80}, which is no tuple of {kind.__name__}")
    return made
