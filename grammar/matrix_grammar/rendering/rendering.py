"""Diagnostics as text: in full for people, in one line, as JSON, and as annotations of GitHub.

Whatever stands in a MATRIX, no control character and nothing that turns the direction of writing reaches the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from matrix_common.terminal import safe
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Note, Place

Format = Literal["full", "concise", "json", "github"]
FORMATS: Final[tuple[Format, ...]] = ("full", "concise", "json", "github")

WIDEST_EXCERPT: Final = 160
"""Columns of an excerpt; of a longer line the part around the caret is shown."""

_STYLES: Final = {"error": "1;31", "warning": "1;33", "rule": "1;34", "cure": "1;32", "note": "1;36"}


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def render(
    diagnostics: Sequence[Diagnostic], form: Format = "full", colour: bool = False, limit: int | None = None
) -> str:
    """All diagnostics as one text without a line end, at most `limit` of them, the rest counted. Ends with a sum in
    full form.
    """
    shown = diagnostics if limit is None else diagnostics[:limit]
    hidden = len(diagnostics) - len(shown)
    if form == "json":
        import json

        return json.dumps([as_json(d) for d in shown], indent=2, ensure_ascii=True)
    if form == "github":
        return "\n".join(_github(d) for d in shown)
    if form == "concise":
        lines = [_concise(d) for d in shown]
        return "\n".join([*lines, *([f"… and {hidden:,} more"] if hidden else [])])
    blocks = ["\n".join(_full(d, _Paint(colour))) for d in shown]
    return "\n\n".join([*blocks, _sum(diagnostics, hidden)]) if blocks else ""


class _Paint:
    """Puts ANSI styles around words, where wanted."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._wanted and text else text


def _sum(diagnostics: Iterable[Diagnostic], hidden: int) -> str:
    """The last line: how many there are."""
    severities = [diagnostic.severity for diagnostic in diagnostics]
    counts = [(severities.count("error"), "error"), (severities.count("warning"), "warning")]
    words = " and ".join(f"{count:,} {what}{'' if count == 1 else 's'}" for count, what in counts if count)
    return words + (f", {hidden:,} of them not shown" if hidden else "")


def _full(d: Diagnostic, paint: _Paint) -> list[str]:
    """The form of a compiler: what, where, the line, a caret with the cure, further places."""
    lines = [f"{paint(d.severity, f'{d.severity}[{d.code}]')}: {safe(d.message)}"]
    places = [d.place, *(note.place for note in d.notes)]
    margin = max(2, *(len(str(place.line)) for place in places))
    if d.place.line == 0:
        lines.append(f"{' ' * margin}{paint('rule', '-->')} {safe(d.place.file)}")
        if d.cure:
            lines.append(f"{' ' * (margin + 1)}{paint('rule', '=')} {paint('cure', safe(d.cure))}")
        return [*lines, _more(d, margin, paint)]
    lines += _excerpt(d.place, d.excerpt, d.cure, margin, paint, d.severity)
    for note in d.notes:
        lines += _note(note, margin, paint)
    return [*lines, _more(d, margin, paint)]


def _more(d: Diagnostic, margin: int, paint: _Paint) -> str:
    explain = f"(matrix explain {d.code})"
    hint = f"{safe(d.hint)}      {explain}" if d.hint else explain
    return f"{' ' * (margin + 1)}{paint('rule', '=')} {hint}"


def _excerpt(place: Place, line: str, cure: str, margin: int, paint: _Paint, style: str) -> list[str]:
    """The line, and a caret under the columns."""
    before, token, after = line[: place.column - 1], line[place.column - 1 : place.end - 1], line[place.end - 1 :]
    before, token, after = safe(before), safe(token), safe(after)
    room = WIDEST_EXCERPT // 2
    if len(before) > room:
        before = "…" + before[len(before) - room :]
    if len(token) > room:
        token = token[:room] + "…"
    if len(after) > room:
        after = after[:room] + "…"
    rule = paint("rule", "|")
    number = paint("rule", f"{place.line:>{margin}}")
    caret = (
        " " * width(before)
        + paint(style, "^" * max(1, width(token)))
        + (f" {paint('cure', safe(cure))}" if cure else "")
    )
    return [
        f"{' ' * margin}{paint('rule', '-->')} {safe(str(place))}",
        f"{' ' * margin} {rule}",
        f"{number} {rule} {before}{token}{after}".rstrip(),
        f"{' ' * margin} {rule} {caret}",
    ]


def _note(note: Note, margin: int, paint: _Paint) -> list[str]:
    """A further place, with its own line where that is known."""
    if not note.excerpt:
        return [f"{' ' * margin}{paint('rule', ':::')} {safe(str(note.place))}: {safe(note.message)}"]
    first, *rest = _excerpt(note.place, note.excerpt, note.message, margin, paint, "note")
    return [first.replace("-->", ":::"), *rest]


def _concise(d: Diagnostic) -> str:
    notes = "".join(f"; {n.message}: {n.place}" for n in d.notes)
    cure = f" ({d.cure})" if d.cure else ""
    place = str(d.place) if d.place.line else d.place.file
    return safe(f"{place}: {d.severity}[{d.code}]: {d.message}{cure}{notes}")


def _place_as_json(place: Place) -> dict[str, object]:
    return {"file": place.file, "line": place.line, "column": place.column, "end": place.end}


def as_json(d: Diagnostic) -> dict[str, object]:
    """A diagnostic with stable names; `line` 0 means the file as a whole."""
    return {
        "code": d.code, "severity": d.severity, **_place_as_json(d.place), "message": d.message, "cure": d.cure,
        "hint": d.hint, "excerpt": d.excerpt,
        "notes": [{**_place_as_json(n.place), "message": n.message} for n in d.notes],
    }  # fmt: skip


def _github(d: Diagnostic) -> str:
    """A workflow command (GitHub documentation, “Workflow commands for GitHub Actions”)."""
    position = f",line={d.place.line},col={d.place.column},endColumn={d.place.end}" if d.place.line else ""
    message = d.message + (f" ({d.cure})" if d.cure else "")
    file = _escape(safe(d.place.file), ":,")
    return f"::{d.severity} file={file}{position},title={d.code}::{_escape(safe(message), '')}"


def _escape(text: str, more: str) -> str:
    for letter in "%\r\n" + more:
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
