"""The values of built-in properties in the texts, each held to the form that its property has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from matrix_common.trouble import NEXT_RELEASE, TO_KEEP
from matrix_grammar.diagnostics.diagnostic import SelectorError
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.values import ValueMistake
from matrix_grammar.syntax.occurrences import Written, written_in_line
from matrix_grammar.texts.source import Source
from matrix_grammar.value_forms.value_forms import FormCheck, form_check

MOST_TOLD: Final = 1_000
"""Values of one reading that are warned of."""

_VALUE: Final = r'"(?:[^"\\]|\\.)*"|[^\s"\]]*(?:\[[^\s"\]]*\][^\s"\]]*)*'


class ValueCheck:
    """The values of built-in properties that have a form of their own, judged once for each that is different."""

    def __init__(self, sources: Sequence[Source], fleet: Fleet, problems: Problems) -> None:
        self._sources = sources
        self._fleet = fleet
        self._problems = problems
        self._table = property_table()
        self._checks: dict[str, FormCheck] = {}
        self._judged: dict[tuple[str, str], tuple[str, str]] = {}
        self._wrong_already = {(d.place.file, d.place.line) for d in problems.diagnostics if d.severity == "error"}
        self._told = 0

    def warn(self) -> None:
        """Look at each place where one is given, in texts that declare none of them anew."""
        table, declared = self._table, self._fleet.property_types
        keys = [key for key in table.forms if declared.get(key) == table.types[key]]
        self._checks = {key: form_check(table.forms[key]) for key in keys}
        for source in self._sources:
            absent = tuple(family for family in table.families if family not in source.text)
            for key in keys:
                if f"{key}=".startswith(absent):
                    continue
                for number, line in self._suspects(source, key):
                    for value in islice(written_in_line(source, number, line, frozenset({key})), MOST_TOLD):
                        self._look_at(Spot(source, number), value)

    def _suspects(self, source: Source, key: str) -> Iterator[tuple[int, str]]:
        """The lines on which a value is not plainly right."""
        text, sought, match_value = source.text, f"{key}=", re.compile(_VALUE).match
        number, counted, done, position = 1, 0, 0, text.find(sought)
        while position >= 0 and self._told < MOST_TOLD:
            start, position = position, text.find(sought, position + 1)
            if start < done:
                continue
            match = match_value(text, start + len(sought))
            raw = match[0] if match else ""
            if text[start - 1 : start] in " \t[" and ("[" in raw or "\\" in raw or self._wrong(key, raw.strip('"'))[0]):
                begin = text.rfind("\n", 0, start) + 1
                number += text.count("\n", counted, begin)
                counted = begin
                end = text.find("\n", begin)
                done = end if end >= 0 else len(text)
                yield number, text[begin:done]

    def _wrong(self, key: str, value: str) -> tuple[str, str]:
        """What is wrong with a value, and the cure; two empty texts when nothing is."""
        known = self._judged.get((key, value))
        if known is None:
            known = self._judged[key, value] = self._judge(key, value)
        return known

    def _judge(self, key: str, value: str) -> tuple[str, str]:
        if not value:
            return "", ""
        try:
            self._checks[key](value, self._fleet)
        except ValueMistake as mistake:
            return mistake.message, mistake.cure
        except SelectorError as error:
            first = error.diagnostics[0]
            return first.message, first.cure
        return "", ""

    def _look_at(self, spot: Spot, value: Written) -> None:
        message, cure = self._wrong(value.key, value.value)
        if (spot.source.path, spot.number) in self._wrong_already or self._problems.may_be_declared(value.value):
            return
        if message:
            self._told += 1
            at = At(spot, value.place.column + len(value.key) + 1, value.place.end)
            hint = f"{TO_KEEP}@property {value.key} text{' list' * self._table.types[value.key].is_list}"
            self._problems.add("M066", at, f"{value.key}: {message}{NEXT_RELEASE}", cure=cure, hint=hint)
