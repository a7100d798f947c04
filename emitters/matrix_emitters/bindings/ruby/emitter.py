"""The ruby binding: `/etc/dsas.rb`, a module `DSAS` for ruby 2.5 and newer."""

from __future__ import annotations

from matrix_emitters.bindings.record_binding import RecordBinding
from matrix_emitters.writing.quoting import Language


def _spell(value: object) -> str:
    r"""A string in single quotes, in which ruby expands nothing but `\\` and `\'`."""
    if not isinstance(value, str):
        raise TypeError(f"the ruby binding holds text, not {type(value).__name__}")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


RUBY = Language("ruby", _spell)


class RubyEmitter(RecordBinding):
    """Makes `/etc/dsas.rb`."""

    language = RUBY
    path = "/etc/dsas.rb"
    template = "dsas.rb.j2"
