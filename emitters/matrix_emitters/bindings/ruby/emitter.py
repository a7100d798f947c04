"""The ruby binding: `/etc/dsas.rb`, a module `DSAS` for ruby 2.5 and newer."""

from __future__ import annotations

from matrix_emitters.artifacts.artifact import Artifact
from matrix_emitters.bindings.emitter import Emitter
from matrix_emitters.bindings.records import records
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.templating import render


def _spell(value: object) -> str:
    r"""A string in single quotes, in which ruby expands nothing but `\\` and `\'`."""
    if not isinstance(value, str):
        raise TypeError(f"the ruby binding holds text, not {type(value).__name__}")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


RUBY = Language("ruby", _spell)


class RubyEmitter(Emitter):
    """Makes `/etc/dsas.rb`."""

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """The module."""
        tables = records(view)
        context = {
            "format": view.format,
            "generation": view.generation,
            "digest": view.digest,
            "head": tables.head,
            "hosts": tables.hosts,
        }
        return (
            view.options.artifact("/etc/dsas.rb", render(RUBY, "dsas.rb.j2", context, "matrix_emitters.bindings.ruby")),
        )
