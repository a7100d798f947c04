"""The javascript binding: `/etc/dsas.js`, a CommonJS module for node 12 and newer."""

from __future__ import annotations

from matrix_emitters.bindings.record_binding import RecordBinding
from matrix_emitters.writing.quoting import Language

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_ESCAPES |= {ord("\\"): "\\\\", ord("`"): "\\`", ord("$"): "\\$", ord("\n"): "\n", ord("\t"): "\t"}
_ESCAPES |= {ord("<"): "\\x3c", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def _spell(value: object) -> str:
    """A template literal without substitutions: `$` is escaped, and `<` too, so that no `</script>` ends a page."""
    if not isinstance(value, str):
        raise TypeError(f"the javascript binding holds text, not {type(value).__name__}")
    return f"`{value.translate(_ESCAPES)}`"


JAVASCRIPT = Language("javascript", _spell)


class JavascriptEmitter(RecordBinding):
    """Makes `/etc/dsas.js`."""

    language = JAVASCRIPT
    path = "/etc/dsas.js"
    template = "dsas.js.j2"
