"""Golden cases: a text, and what every stage makes of it. `pytest --regenerate` writes the stages anew."""

import re
from pathlib import Path

import pytest

from matrix_grammar import Fleet
from matrix_grammar.model import Host, Value, texts
from matrix_grammar.reading import Reading, reads
from matrix_grammar.rendering import render
from matrix_grammar.syntax import parse
from matrix_grammar.syntax.nodes import DirectiveLine, HeaderLine, HostLine, MoreLine, Statement

CASES = sorted(Path(__file__).with_name("golden").glob("*.txt"))


def sections(text: str) -> dict[str, str]:
    """The parts of a case: each begins with a line `=== name ===`."""
    pieces = re.split(r"^=== (.*) ===\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def summary(statement: Statement) -> str:
    """A statement with the columns of its words."""
    match statement:
        case HostLine():
            parts = [f"{statement.name.column}:{statement.name.text}"]
            parts += [f"{a.column}:{a.text}" for a in statement.addresses]
            parts += ["by-name"] if statement.by_name else []
            parts += [f"{item.column}:{item.text}" for item in statement.items]
        case HeaderLine():
            parts = [f"{statement.role.column}:{statement.role.text}"]
            parts += [f"{item.column}:{item.text}" for item in statement.items]
        case MoreLine():
            parts = [f"{pair.column}:{pair.text}" for pair in statement.pairs]
        case DirectiveLine():
            parts = [f"{a.column}:{a.text}" for a in (statement.word, *statement.arguments)]
        case _:
            parts = []
    comment = getattr(statement, "comment", None)
    return " | ".join([type(statement).__name__, *parts, *([f"{comment.column}:{comment.text}"] if comment else [])])


def facts(values: dict[str, Value]) -> str:
    return " ".join(f"{key}={','.join(texts(value))}" for key, value in values.items())


def host_line(host: Host) -> str:
    roles = [f"{m.role}({facts(dict(m.properties))}){m.state.name if m.state else ''}" for m in host.memberships]
    state = f"{host.state.name}: {host.state.reason!r}" if host.state else "-"
    return " | ".join(
        [
            f"{host.file}:{host.line} {host.name}", " ".join(host.addresses) or "-", host.fullname,
            f"{host.site}/{host.rack}", state, " ".join(roles),
            facts(dict(host.properties)), facts(dict(host.defaults)),
            repr(host.note),
        ]
    )  # fmt: skip


def fleet_lines(fleet: Fleet | None) -> str:
    if fleet is None:
        return "unusable\n"
    lines = [host_line(host) for host in fleet]
    for role in fleet.roles.values():
        told = [f"{section.site}: {facts(dict(section.properties))}" for section in role.sections]
        lines.append(f"role {role.name} {role.meaning!r} {told} {[host.name for host in role.hosts]}")
    lines += [f"group {group.name} = {group.selector} → {' '.join(group.hosts)}" for group in fleet.groups.values()]
    lines += [f"state {s.name} {'in' if s.in_service else 'out'} {s.meaning!r}" for s in fleet.states.values()]
    return "\n".join(lines) + "\n"


def stages(case: dict[str, str], reading: Reading) -> dict[str, str]:
    document = parse("MATRIX", case["MATRIX"])
    ast = "".join(f"{line.number} {summary(line.statement)}\n" for line in document.lines)
    found = render(reading.diagnostics)
    return {"ast": ast, "fleet": fleet_lines(reading.fleet), "diagnostics": found + "\n" if found else ""}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(path: Path, regenerate: bool) -> None:
    case = sections(path.read_text("utf-8"))
    texts_of_case = {name: text for name, text in case.items() if name not in ("ast", "fleet", "diagnostics")}
    includes = {name: text for name, text in texts_of_case.items() if name != "MATRIX"}
    found = stages(case, reads(case["MATRIX"], includes=includes))
    whole = "".join(f"=== {name} ===\n{text}" for name, text in {**texts_of_case, **found}.items())
    if regenerate:
        path.write_text(whole, "utf-8")
    assert path.read_text("utf-8") == whole


def test_there_are_golden_cases() -> None:
    assert len(CASES) >= 8
