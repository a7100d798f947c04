"""The perl binding: `/etc/dsas.pl`, a package `DSAS` for perl 5.10 and newer."""

from __future__ import annotations

from matrix_emitters.artifacts.artifact import Artifact
from matrix_emitters.bindings.emitter import Emitter
from matrix_emitters.bindings.records import records
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.templating import render


def _spell(value: object) -> str:
    r"""A string in single quotes, in which perl expands nothing but `\\` and `\'`."""
    if not isinstance(value, str):
        raise TypeError(f"the perl binding holds text, not {type(value).__name__}")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


PERL = Language("perl", _spell)


class PerlEmitter(Emitter):
    """Makes `/etc/dsas.pl`.

    The tables stand behind `__DATA__`, which perl reads but does not parse: those of ten thousand hosts cost 3 ms so,
    5 ms as a here-document and 14 ms as a quoted string.
    """

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """The package."""
        tables = records(view)
        context = {
            "format": view.format,
            "generation": view.generation,
            "digest": view.digest,
            "tables": PERL.trusted(f"{tables.head}\n{tables.hosts}"),
        }
        return (
            view.options.artifact("/etc/dsas.pl", render(PERL, "dsas.pl.j2", context, "matrix_emitters.bindings.perl")),
        )
