"""The javascript binding: `/etc/dsas.js`, a CommonJS module for node 12 and newer."""

from __future__ import annotations

from matrix_emitters.artifacts.artifact import Artifact
from matrix_emitters.bindings.emitter import Emitter
from matrix_emitters.bindings.records import records
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.templating import render

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_ESCAPES |= {ord("\\"): "\\\\", ord("`"): "\\`", ord("$"): "\\$", ord("\n"): "\n", ord("\t"): "\t"}
_ESCAPES |= {ord("<"): "\\x3c", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def _spell(value: object) -> str:
    """A template literal without substitutions: `$` is escaped, and `<` too, so that no `</script>` ends a page."""
    if not isinstance(value, str):
        raise TypeError(f"the javascript binding holds text, not {type(value).__name__}")
    return f"`{value.translate(_ESCAPES)}`"


JAVASCRIPT = Language("javascript", _spell)


class JavascriptEmitter(Emitter):
    """Makes `/etc/dsas.js`."""

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
            view.options.artifact(
                "/etc/dsas.js", render(JAVASCRIPT, "dsas.js.j2", context, "matrix_emitters.bindings.javascript")
            ),
        )
