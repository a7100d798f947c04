"""The ruby binding: `/etc/dsas.rb`, a module `DSAS` for ruby 2.5 and newer."""

from __future__ import annotations

from .artifact import Artifact
from .emitting import Emitter
from .quoting import Language
from .records import records
from .templating import render
from .view import View


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
        return (view.options.artifact("/etc/dsas.rb", render(RUBY, "ruby/dsas.rb.j2", context)),)
