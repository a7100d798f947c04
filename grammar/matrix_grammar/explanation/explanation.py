"""The table of diagnostics for people: one code on a terminal, all of them as a page of documentation."""

from __future__ import annotations

from textwrap import fill

from matrix_common.terminal import safe
from matrix_grammar.diagnostics.catalogue.code import Code
from matrix_grammar.diagnostics.catalogue.codes import CODES
from matrix_grammar.rendering.rendering import render

_LONGEST_EXAMPLE = 400


def explanation(code: Code) -> str:
    """A code at length: what it means, a text that earns it with its diagnostic, and the text put right."""
    parts = [f"{code.severity}[{code.code}]: {code.title}", code.explanation]
    if _shown(code):
        parts += ["Wrong:", _indented(_example(code.wrong)), _indented(_diagnostic(code))]
        parts += ["Right:", _indented(_example(code.right))]
    return "\n\n".join(parts)


def page() -> str:
    """docs/diagnostics.md, from the table alone."""
    parts = [
        "# Diagnostics",
        _filled(
            "Every mistake of a MATRIX has a code, which never changes. This page and `matrix explain` show the same "
            "table, from `grammar/matrix_grammar/diagnostics/catalogue`. A test checks each example."
        ),
        _filled(
            "An error makes the whole MATRIX unusable: the generation before it stays in force. A warning does not. "
            "`matrix check --warnings-as-errors` counts warnings as errors."
        ),
    ]
    for code in CODES.values():
        parts += [f"## {code.code}: {code.title}", _filled(f"*{code.severity}.* {code.explanation}")]
        if _shown(code):
            parts += [
                _fenced(_example(code.wrong)),
                _fenced(_diagnostic(code)),
                "Right:",
                _fenced(_example(code.right)),
            ]
    return "\n\n".join(parts) + "\n"


def _filled(text: str) -> str:
    """Prose of a document, in lines of at most 120 characters."""
    return fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _shown(code: Code) -> bool:
    return bool(code.wrong) and len(code.wrong) < _LONGEST_EXAMPLE


def _diagnostic(code: Code) -> str:
    """What `matrix check` says of the wrong example."""
    from matrix_grammar.reading.reader import reads

    return render(reads(code.wrong, includes=code.includes).diagnostics).rpartition("\n\n")[0]


def _example(text: str | bytes) -> str:
    """An example with what cannot be shown spelled out, line by line."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return "\n".join(safe(line) for line in words.rstrip("\n").split("\n"))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def _fenced(text: str) -> str:
    return f"```\n{text}\n```"
