"""The perl binding: `/etc/dsas.pl`, a package `DSAS` for perl 5.10 and newer."""

from __future__ import annotations

from collections.abc import Mapping

from matrix_emitters.bindings.record_binding import RecordBinding
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Language


def _spell(value: object) -> str:
    r"""A string in single quotes, in which perl expands nothing but `\\` and `\'`."""
    if not isinstance(value, str):
        raise TypeError(f"the perl binding holds text, not {type(value).__name__}")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


PERL = Language("perl", _spell)


class PerlEmitter(RecordBinding):
    """Makes `/etc/dsas.pl`.

    The tables stand behind `__DATA__`, which perl reads but does not parse: those of ten thousand hosts cost 3 ms so,
    5 ms as a here-document and 14 ms as a quoted string.
    """

    language = PERL
    path = "/etc/dsas.pl"
    template = "dsas.pl.j2"

    def context(self, view: View) -> Mapping[str, object]:
        """Both texts as one that is not quoted, since nothing behind `__DATA__` is a program."""
        texts = super().context(view)
        return {**texts, "tables": PERL.trusted(f"{texts['head']}\n{texts['hosts']}")}
