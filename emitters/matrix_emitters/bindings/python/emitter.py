"""The python binding: `/etc/dsas.py`, a module of the standard library's python 3.6 and newer."""

from __future__ import annotations

from matrix_emitters.bindings.record_binding import RecordBinding
from matrix_emitters.writing.quoting import Language

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_ESCAPES |= {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\n", ord("\t"): "\t"}


def _spell(value: object) -> str:
    """A string literal; text of several lines stays so, to be read and searched by people."""
    if not isinstance(value, str):
        raise TypeError(f"the python binding holds text, not {type(value).__name__}")
    quotes = '"""' if "\n" in value else '"'
    return f"{quotes}{value.translate(_ESCAPES)}{quotes}"


PYTHON = Language("python", _spell)


class PythonEmitter(RecordBinding):
    """Makes `/etc/dsas.py`.

    The installer compiles it where the host has a python3, by content, so that a changed file of equal size and time is
    never served from an old .pyc: `python3 -m py_compile` cannot say so, `python3 -c 'import py_compile, sys;
    py_compile.compile(sys.argv[1], invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)' /etc/dsas.py` can.
    """

    language = PYTHON
    path = "/etc/dsas.py"
    template = "dsas.py.j2"
