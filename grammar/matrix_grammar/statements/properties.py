"""`key=value` pairs to typed properties, with ranges in step with the names of the hosts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.problems import At, Problems
from matrix_grammar.model.declared import PropertyType
from matrix_grammar.model.facts import EMPTY, Value, sorted_facts
from matrix_grammar.model.names import PROPERTY_NAME, RESERVED_PROPERTIES
from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.values import ValueMistake, read_value
from matrix_grammar.ranges.ranges import RangeError, parse
from matrix_grammar.syntax.words import Pair

from .declarations import Declarations

MOST_EXPANDED: Final = 1_000_000
"""Hosts to which one line may expand."""

Placed = tuple[Pair, Callable[[Pair], At]]
"""A pair, and how to find the columns of a pair of that line or tag."""


class Properties:
    """Reads pairs under the declarations of a MATRIX."""

    def __init__(self, declarations: Declarations, problems: Problems) -> None:
        self._declarations = declarations
        self._problems = problems
        self._interned: dict[tuple[tuple[str, Value], ...], Mapping[str, Value]] = {}
        self.undeclared: dict[str, At] = {}
        table = property_table()
        self._repeatable, self._in_header = table.repeatable, table.repeatable | table.each_vip

    def kind(self, key: str) -> PropertyType:
        """The type of a property; one that is not declared is text."""
        return self._declarations.types.get(key) or PropertyType(key, declared=False)

    def of_header(self, pairs: Sequence[Placed]) -> Mapping[str, Value]:
        """The properties of a role: ranges have no place in them, and some may be given once for each VIP."""
        return self._each(pairs, 1, self._in_header)[0]

    def one(self, pairs: Sequence[Placed]) -> Mapping[str, Value]:
        """The properties of one thing, as of `@default`: ranges have no place in them."""
        return self._each(pairs, 1, self._repeatable)[0]

    def each(self, pairs: Sequence[Placed], count: int) -> Sequence[Mapping[str, Value]]:
        """The properties of each of `count` hosts; all share one mapping where no range tells them apart."""
        return self._each(pairs, count, self._repeatable)

    def _each(self, pairs: Sequence[Placed], count: int, repeatable: frozenset[str]) -> Sequence[Mapping[str, Value]]:
        """As `each`; what is in `repeatable` may be given more than once although it is no list."""
        if not pairs:
            return [EMPTY] * count
        shared: dict[str, list[Value]] = {}
        stepped: dict[str, list[list[Value]]] = {}
        first: dict[str, Placed] = {}
        for placed in pairs:
            self._read(placed, count, repeatable, shared, stepped, first)
        common = {key: self._value(key, values) for key, values in shared.items()}
        if not stepped:
            return [self.shared(common)] * count
        result: list[Mapping[str, Value]] = []
        for index in range(count):
            mine = dict(common)
            for key, columns in stepped.items():
                mine[key] = self._value(key, [column[index] for column in columns])
            result.append(sorted_facts(mine))
        return result

    def forget(self) -> None:
        """Let go of every mapping that is shared, one by one, as `Scopes.forget` does."""
        while self._interned:
            self._interned.popitem()

    def shared(self, values: dict[str, Value]) -> Mapping[str, Value]:
        """The one mapping that all have who have these properties."""
        if not values:
            return EMPTY
        facts = sorted_facts(values)
        return self._interned.setdefault(tuple(facts.items()), facts)

    def _value(self, key: str, values: list[Value]) -> Value:
        if len(values) > 1 or self.kind(key).is_list:
            return tuple(values)  # type: ignore[arg-type]
        return values[0]

    def _read(
        self,
        placed: Placed,
        count: int,
        repeatable: frozenset[str],
        shared: dict[str, list[Value]],
        stepped: dict[str, list[list[Value]]],
        first: dict[str, Placed],
    ) -> None:
        """One pair: its name, its ranges, its type."""
        pair, locate = placed
        key = pair.key
        kind = self._declarations.types.get(key)
        if kind is None:
            if not PROPERTY_NAME.fullmatch(key) or key in RESERVED_PROPERTIES:
                at = locate(pair)
                self._declarations.check_property_name(key, at.first(len(key)))
                return
            if key not in self.undeclared:
                self.undeclared[key] = locate(pair)
            if self._declarations.strict:
                self._report_undeclared(key, locate(pair))
                return
            kind = PropertyType(key, declared=False)
        if key in first and kind.declared and not kind.is_list and key not in repeatable:
            here, before = locate(pair), first[key]
            self._problems.add(
                "M032",
                here,
                f"{key} is given twice, and is not a list",
                notes=[(before[1](before[0]), "given here first")],
            )
            return
        texts = self._expand(pair, locate, count)
        if texts is None:
            return
        first.setdefault(key, placed)
        if len(texts) == 1 and key not in stepped:
            value = self._convert(kind, texts[0], pair, locate)
            if value is not None:
                shared.setdefault(key, []).append(value)
            return
        column: list[Value] = []
        for text in texts if len(texts) > 1 else texts * count:
            value = self._convert(kind, text, pair, locate)
            if value is None:
                return
            column.append(value)
        columns = stepped.setdefault(key, [])
        columns += [[value] * count for value in shared.pop(key, ())]
        columns.append(column)

    def _convert(self, kind: PropertyType, text: str, pair: Pair, locate: Callable[[Pair], At]) -> Value | None:
        try:
            return read_value(kind, text)
        except ValueMistake as mistake:
            at = locate(pair).after(pair.value_offset)
            self._problems.add("M031", at, f"{kind.name}: {mistake.message}", cure=mistake.cure, hint=_describe(kind))
            return None

    def _expand(self, pair: Pair, locate: Callable[[Pair], At], count: int) -> list[str] | None:
        """The values that a pair gives, one or `count` of them, or None when its ranges are wrong."""
        if pair.quoted or "[" not in pair.value:
            return [pair.value]
        at = locate(pair).after(pair.value_offset)
        try:
            pattern = parse(pair.value)
        except RangeError as error:
            cure = f'if it is meant literally, quote it: {pair.key}="{pair.value}"'
            self._problems.add("M023", at.part(error.start, error.end), error.message, cure=cure)
            return None
        if pattern.count != count:
            what = f"the name gives {count:,} host{'' if count == 1 else 's'}"
            self._problems.add(
                "M024", at, f"this range gives {pattern.count:,} values, but {what}",
                cure=f'if it is meant literally, quote it: {pair.key}="{pair.value}"' if count == 1 else "",
            )  # fmt: skip
            return None
        return pattern.expand()

    def _report_undeclared(self, key: str, at: At) -> None:
        near = nearest(key, self._declarations.types)
        self._problems.add(
            "M033", at.first(len(key)), f"property {key} is not declared, and @strict is set",
            cure=did_you_mean(near) or f"declare it: @property {key} text",
        )  # fmt: skip


def _describe(kind: PropertyType) -> str:
    """A type in the words of its declaration."""
    words = kind.kind
    if kind.kind == "int" and (kind.low is not None or kind.high is not None):
        words += f" {'' if kind.low is None else kind.low}..{'' if kind.high is None else kind.high}"
    if kind.choices:
        words += f" {' '.join(kind.choices)}"
    table = property_table()
    source = "declared as"
    if table.types.get(kind.name) == kind:
        source = f"of {table.packages[kind.name]}" if kind.name in table.packages else "built in"
    return f"{kind.name} is {source}: {words}{' list' if kind.is_list else ''}"
