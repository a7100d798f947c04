"""Golden cases: a foreign text, the draft of it, and what was left. `pytest --regenerate` writes the last two anew."""

import re
from pathlib import Path

import pytest

from matrix_grammar.layout import format_text
from matrix_grammar.reading import reads
from matrix_sources.registry import DRAFT_KINDS, draft

CASES = sorted(Path(__file__).with_name("golden").glob("*.txt"))


def sections(text: str) -> dict[str, str]:
    """The parts of a case: each begins with a line `=== name ===`."""
    pieces = re.split(r"^=== (.*) ===\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(path: Path, regenerate: bool) -> None:
    kind, text = next(iter(sections(path.read_text("utf-8")).items()))
    made = draft(kind, text, "FILE")
    left = "".join(
        f"{each.line} {'~' if each.changed else '-'} {each.text}: {each.reason}\n" for each in made.leftovers
    )
    whole = f"=== {kind} ===\n{text}=== draft ===\n{made.text}=== left ===\n{left}"
    if regenerate:
        path.write_text(whole, "utf-8")
    assert path.read_text("utf-8") == whole
    told = {diagnostic.code for diagnostic in reads(made.text).diagnostics}
    assert told <= {"M065"}, "a draft has neither errors nor warnings, but of hosts that are in no group there either"
    assert format_text(made.text) == made.text, "it is laid out as fmt would"


def test_there_is_a_case_of_each_kind() -> None:
    assert {next(iter(sections(path.read_text("utf-8")))) for path in CASES} == set(DRAFT_KINDS)
