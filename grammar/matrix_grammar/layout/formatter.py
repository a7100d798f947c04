"""The canonical layout of a MATRIX: `matrix fmt`.

Only blanks, line ends and blank lines change; every word stays, in its line and in its order, and so does every
comment. So the meaning cannot change, and formatting twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from matrix_grammar.diagnostics.diagnostic import Diagnostic, MatrixError, Place
from matrix_grammar.syntax.decoding import decode
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import Blank, HeaderLine, HostLine, Line, MoreLine, Statement, WrongLine
from matrix_grammar.texts.source import LONGEST_LINE

from .cells import Row, row_of
from .columns import lay_out


def format_text(content: str | bytes, file: str = "MATRIX") -> str:
    """The text in canonical layout. Raises MatrixError with every line that does not parse."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    problems: list[Diagnostic] = []
    source, refused = decode(file, content, problems)
    lines = [
        Line(file, number, text, parse_line(text))
        for number, text in enumerate(source.lines, 1)
        if number not in refused
    ]
    problems += [_diagnostic(line, line.statement) for line in lines if isinstance(line.statement, WrongLine)]
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise MatrixError(sorted(errors, key=lambda problem: problem.place))
    return "".join(f"{text}\n" for text in laid_out(rows_of(lines)))


def _diagnostic(line: Line, wrong: WrongLine) -> Diagnostic:
    place = Place(line.file, line.number, wrong.column, wrong.end)
    return Diagnostic(wrong.code, "error", place, wrong.message, line.text, wrong.cure, wrong.hint)


def rows_of(lines: Iterable[Line]) -> Iterator[Row | None]:
    """The row of each line; None for a blank one."""
    owner: Statement | None = None
    for line in lines:
        statement = line.statement
        if isinstance(statement, Blank) and statement.comment is None:
            yield None
            continue
        yield row_of(line, owner)
        if not isinstance(statement, Blank | MoreLine):
            owner = statement if isinstance(statement, HostLine | HeaderLine) else None


def laid_out(rows: Iterable[Row | None]) -> list[str]:
    """The lines of the text, block by block; blank lines in a row become one, those at both ends none."""
    result: list[str] = []
    block: list[Row] = []
    previous = ""  # the kind of the last row of the block that is no comment
    for row in rows:
        if row is None:
            result += _block(block)
            block, previous = [], ""
            if result and result[-1]:
                result.append("")
            continue
        if row.kind != "comment":
            if previous not in ("", row.kind):
                result += _block(block)
                block = []
            previous = row.kind
        block.append(row)
    result += _block(block)
    while result and not result[-1]:
        result.pop()
    return result


def _block(rows: Sequence[Row]) -> list[str]:
    """The lines of a block. One that would become longer than a line may be stays as it is."""
    texts = lay_out(rows) if rows else []
    if not texts or max(map(len, texts)) <= LONGEST_LINE:
        return texts
    return [
        row.written.rstrip(" \t") if len(text) > LONGEST_LINE else text for text, row in zip(texts, rows, strict=True)
    ]
