"""An answer before it takes a form: a value for json, yaml and text, and assignments for sh."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matrix_grammar.model import Scalar, Value, text, texts

Json = None | Scalar | Sequence["Json"] | Mapping[str, "Json"]
"""A value as JSON has it; numbers and truths keep their type."""

Assignments = Callable[[], Iterable[tuple[str, str]]]
"""The variables of the sh form with their texts, made only when they are asked for."""


@dataclass(frozen=True, slots=True)
class Document:
    """One answer. `raw` is set for what exists in one format alone, as it is: the text of the MATRIX."""

    value: Json
    shell: Assignments
    raw: tuple[str, bytes] | None = None


def plain(value: Value | None) -> Json:
    """A value of the MATRIX as JSON: a tuple is a list."""
    return list(value) if isinstance(value, tuple) else value


def words(variable: str, names: Sequence[str]) -> Document:
    """A list of names, in sh parted by blanks as in the binding."""
    return Document(names, lambda: ((variable, " ".join(names)),))


def fact(variable: str, value: Value | None) -> Document:
    """One value, in sh an item a line; none is an empty text."""
    return Document(plain(value), lambda: ((variable, "" if value is None else "\n".join(texts(value))),))


def table(variable: str, values: Mapping[str, Json]) -> Document:
    """A value for each host, in sh and text a line `host value` each."""
    return Document(values, lambda: ((variable, "\n".join(lines(values))),))


def lines(value: Json, path: str = "") -> Iterator[str]:
    r"""The text form: a value a line, after the names that lead to it, parted by blanks.

    A backslash, line feed or carriage return in a value is written `\\`, `\n`, `\r`, so that no value makes a line.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from lines(inner, f"{path}{key} ")
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from lines(inner, path)
    elif value is not None:
        assert isinstance(value, (str, int, float, bool))
        yield path + escaped(text(value))


def escaped(line: str) -> str:
    """A text on one line."""
    if "\\" in line:
        line = line.replace("\\", "\\\\")
    for character, spelled in (("\n", "\\n"), ("\r", "\\r")):
        if character in line:
            line = line.replace(character, spelled)
    return line
