"""Where a line stops being one is found without Lark just where Lark finds it, by the tables that Lark makes."""

import json
import random
import subprocess
import sys
from pathlib import Path

from lark.parsers.lalr_analysis import Shift
from matrix_lines import BAD_LINES, GOOD_LINES

from matrix_grammar.syntax.automaton import TABLES, stops
from matrix_grammar.syntax.parser import UnparsedError, line_parser, parse
from matrix_grammar.syntax.scanner import BadEscapeError


def line_tables() -> str:
    """The text of `matrix.lark.json`: the same for the same grammar, since states are numbered as they are reached."""
    frontend = line_parser().parser
    table, lexers = frontend.parser._parse_table, frontend.lexer.lexers
    reached = [table.start_states[name] for name in sorted(table.start_states)]
    for state in reached:
        for _, (action, argument) in sorted(table.states[state].items()):
            if action is Shift and argument not in reached:
                reached.append(argument)
    scanners = [lexers[state].scanner.terminals for state in reached]
    assert not any(lexers[state].callback or lexers[state].ignore_types for state in reached)
    number = {state: position for position, state in enumerate(reached)}
    reductions = [rule for state in reached for action, rule in table.states[state].values() if action is not Shift]
    rules = sorted({(rule.origin.name, len(rule.expansion)) for rule in reductions})
    tables = {
        "starts": {name: number[state] for name, state in sorted(table.start_states.items())},
        "ends": {name: number[state] for name, state in sorted(table.end_states.items())},
        "rules": rules,
        "patterns": dict(sorted((each.name, each.pattern.to_regexp()) for scanner in scanners for each in scanner)),
        "terminals": [" ".join(each.name for each in scanner) for scanner in scanners],
        "states": [
            {
                symbol: number[argument]
                if action is Shift
                else -1 - rules.index((argument.origin.name, len(argument.expansion)))
                for symbol, (action, argument) in sorted(table.states[state].items())
            }
            for state in reached
        ],
    }
    return json.dumps(tables, indent=0, separators=(",", ":")) + "\n"


def by_lark(text: str) -> int | None:
    """Where Lark stops; None where it takes the line, or an escape is wrong."""
    try:
        parse(text)
    except UnparsedError as error:
        return error.offset
    except BadEscapeError:
        pass
    return None


def test_the_tables_are_those_of_the_grammar(regenerate: bool) -> None:
    if regenerate:
        Path(TABLES).write_text(line_tables())
    assert Path(TABLES).read_text() == line_tables(), "scripts/golden.sh makes them anew"


def test_it_stops_where_lark_stops() -> None:
    choose = random.Random(11)
    lines = [*GOOD_LINES, *BAD_LINES]
    pieces = [piece for line in lines for piece in (*line.split(" "), " ", "\t")]
    for _ in range(4000):
        lines.append(
            "".join(choose.choice(pieces) + choose.choice([" ", "", "  "]) for _ in range(choose.randrange(1, 6)))
        )
    stopped = 0
    for text in lines:
        found = stops(text)
        assert found == by_lark(text) or (found is None and "\\" in text), text
        stopped += found is not None
    assert stopped > 1000


def test_a_mistake_of_form_is_told_without_lark() -> None:
    program = (
        f"import sys\nsys.path[:] = {sys.path!r}\n"
        "from matrix_grammar.reading import reads; from matrix_grammar.rendering import render\n"
        "told = render(reads('w1  10.0.0.1  [a b]  c=\"d\\nw2 10.0.0.2 [STOP x=y]').diagnostics)\n"
        "assert told.count('error') > 2, told\n"
        "print(*(name for name in sys.modules if name.startswith('lark')))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "\n"
