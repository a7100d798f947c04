"""The texts of a MATRIX: opened, decoded, and hung under the `@include` lines that name them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.vocabulary import LANGUAGE_VERSION
from matrix_grammar.syntax.decoding import decode
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import DirectiveLine, IncludeDirective, VersionDirective, WrongLine
from matrix_grammar.texts.source import Included, Library, Refused, Source, TooMuch, Unreadable

from .includes import Includes


@dataclass(eq=False)
class SourceNode:
    """One source in the tree: its lines that are refused, its directives, and the texts under each include line."""

    source: Source
    refused: frozenset[int] = frozenset()
    includes: dict[int, list[SourceNode]] = field(default_factory=dict)
    directives: dict[int, DirectiveLine] = field(default_factory=dict)


class Forest:
    """Opens a text and all that it includes; every text at most once."""

    def __init__(self, library: Library, problems: Problems) -> None:
        self._library = library
        self._problems = problems
        self._opened: dict[str, At | None] = {}
        self._above: list[str] = []
        self._includes = Includes(library.allow, problems)
        self.sources: list[Source] = []
        self.newer = False

    def read(self, path: str) -> SourceNode | None:
        """The MATRIX of that path with all that it includes, or None when it cannot be used."""
        text = self._open(path)
        self._includes.report()
        return text

    def veil(self) -> None:
        """Take back what the diagnostics show of texts that are not to be shown."""
        self._includes.veil()

    def _open(self, path: str, at: At | None = None) -> SourceNode | None:
        """The text of that path, or None when it cannot be used. `at` is the include that asks for it."""
        identity = self._library.identity(path)
        if identity in self._opened:
            self._report_again(path, identity, at)
            return None
        self._opened[identity] = at
        try:
            read = self._library.include(path) if at is not None else Included(self._library.read(path))
        except Refused as error:
            assert at is not None
            self._includes.refused(path, identity, error, at)
            return None
        except Unreadable as error:
            self._report_unreadable(path, str(error), at)
            return None
        mistakes: list[Diagnostic] = []
        source, refused = decode(path, read.content, mistakes)
        if read.standing:
            assert at is not None
            source = replace(source, standing=read.standing)
            self._includes.taken(source, read.real, at)
        self._problems.take(*mistakes)
        self.sources.append(source)
        text = SourceNode(source, refused)
        if read.standing and not self._is_matrix(text):
            return None
        self._above.append(identity)
        self._read_directives(text)
        self._above.pop()
        return text

    def _report_again(self, path: str, identity: str, at: At | None) -> None:
        assert at is not None
        if identity in self._above:
            self._problems.add("M009", at, f"{path} includes itself" + self._circle(identity))
            return
        first = self._opened[identity]
        notes = [(first, "included here first")] if first else []
        self._problems.add("M010", at, f"{path} is included twice", cure="remove one of the two", notes=notes)

    def _circle(self, identity: str) -> str:
        circle = self._above[self._above.index(identity) + 1 :]
        return f", through {', '.join(circle)}" if circle else ""

    def _report_unreadable(self, path: str, reason: str, at: At | None) -> None:
        message = f"cannot read {path}: {reason}"
        if at is not None:
            self._problems.add("M001", at, message)
        else:
            cure = "matrix init starts a MATRIX" if reason.startswith("no such file") else ""
            self._problems.diagnostics.append(Diagnostic("M001", "error", Place(path, 0, 0, 0), message, cure=cure))

    def _is_matrix(self, text: SourceNode) -> bool:
        """Whether every line of a text that is not to be shown has the form of a MATRIX; else nothing is taken from it,
        and its mistakes are no more than counted.
        """
        wrong = [
            Spot(text.source, number)
            for number, line in enumerate(text.source.lines, 1)
            if number not in text.refused and isinstance(parse_line(line), WrongLine)
        ]
        for spot in wrong:
            self._problems.add("M018", At(spot, 1, 2), "")
        return not wrong and not any(
            d.place.file == text.source.path and d.severity == "error" for d in self._problems.diagnostics
        )

    def _read_directives(self, text: SourceNode) -> None:
        """Parse the directives, and open what is included."""
        whole, lines = text.source.text, text.source.lines
        number, counted, position = 1, 0, whole.find("@")
        while position >= 0:
            number += whole.count("\n", counted, position)
            counted = position
            indented = not whole[whole.rfind("\n", 0, position) + 1 : position].strip(" \t")
            position = whole.find("@", position + 1)
            if not indented:
                continue
            if number in text.refused:
                continue
            statement = parse_line(lines[number - 1])
            if not isinstance(statement, DirectiveLine):
                continue
            text.directives[number] = statement
            spot = Spot(text.source, number)
            match statement.directive:
                case IncludeDirective() as include:
                    text.includes[number] = self._include(include.pattern, spot.at(include.glob))
                case VersionDirective(version):
                    self._check_version(version.text, spot.at(version))

    def _include(self, pattern: str, at: At) -> list[SourceNode]:
        try:
            paths = self._library.glob(pattern, at.spot.source.path)
        except TooMuch as error:
            self._problems.add("M059", at, f"{pattern} is not looked for: {error}", cure="name the folders")
            return []
        if not paths:
            self._problems.add("M008", at, f"no file matches {pattern}", cure="the path is relative to this file")
        return [text for path in paths if (text := self._open(path, at)) is not None]

    def _check_version(self, version: str, at: At) -> None:
        if not version.isascii() or not version.isdigit() or version.strip("0") == "":
            self._problems.add("M007", at, f"{version} is not a version", cure="write @matrix 1")
        elif version.lstrip("0") != str(LANGUAGE_VERSION):
            self.newer = True
            self._problems.add(
                "M007", at, f"this text is in version {version[:20]} of the language; this program knows 1",
                cure="upgrade dsas-matrix on this machine",
            )  # fmt: skip
