"""An emitter makes one language's files; the registry knows them all; `build` runs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from matrix_grammar import Diagnostic, Fleet, nearest

from .artifact import Artifact
from .errors import EmitterError
from .options import BindingOptions
from .view import View

GROUP = "matrix_emitters"
"""The entry point group in which a package offers a further emitter: `name = "package.module:Class"`."""

BUILT_IN: Mapping[str, str] = {
    "sh": "matrix_emitters.sh:ShEmitter",
    "perl": "matrix_emitters.perl:PerlEmitter",
    "php": "matrix_emitters.php:PhpEmitter",
    "python": "matrix_emitters.python:PythonEmitter",
    "json": "matrix_emitters.json:JsonEmitter",
    "ruby": "matrix_emitters.ruby:RubyEmitter",
    "javascript": "matrix_emitters.javascript:JavascriptEmitter",
}
"""The emitters of this package. They come in through the same door as those of others."""


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
def registered() -> Mapping[str, EntryPoint]:
    """Every emitter by name: the built-in ones, then those of installed packages, by name.

    Raises EmitterError when two packages offer the same name.
    """
    found = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise EmitterError(f"two emitters are called {point.name}: {other.value} and {point.value}; remove one")
    return found


def emitter(name: str) -> Emitter:
    """The emitter of that name. Raises EmitterError when there is none, or it cannot be loaded."""
    known = BUILT_IN.get(name)
    points = registered() if known is None else {name: EntryPoint(name, known, GROUP)}
    if name not in points:
        near = nearest(name, points)
        cure = f"; did you mean {near[0]}?" if near else ""
        raise EmitterError(f"no emitter is called {name}; there are {', '.join(points)}{cure}")
    try:
        made = points[name].load()()
    except (ImportError, AttributeError) as error:
        raise EmitterError(f"emitter {name} ({points[name].value}) cannot be loaded: {error}") from error
    if not isinstance(made, Emitter):
        raise EmitterError(f"emitter {name} ({points[name].value}) is not a matrix_emitters.Emitter")
    return made


def build(
    fleet: Fleet,
    generation: int,
    options: BindingOptions | None = None,
    only: Iterable[str] | None = None,
) -> tuple[Artifact, ...]:
    """All bindings of a Fleet, sorted by path; with `only` those of the named emitters.

    The same arguments give the same bytes. Raises EmitterError, also when two emitters claim one path.
    """
    view = View(fleet, generation, options or BindingOptions())
    made: dict[str, tuple[str, Artifact]] = {}
    for name in dict.fromkeys(registered() if only is None else only):
        for artifact in emitter(name).artifacts(view):
            if artifact.path in made:
                raise EmitterError(f"{made[artifact.path][0]} and {name} both make {artifact.path}; move one of them")
            made[artifact.path] = (name, artifact)
    return tuple(artifact for _, (_, artifact) in sorted(made.items()))


def check_options(
    fleet: Fleet, options: BindingOptions | None = None, only: Iterable[str] | None = None
) -> tuple[Diagnostic, ...]:
    """What the bindings cannot do with this Fleet and these options, from every emitter."""
    view = View(fleet, 0, options or BindingOptions())
    names = dict.fromkeys(registered() if only is None else only)
    return tuple(diagnostic for name in names for diagnostic in emitter(name).check(view))
