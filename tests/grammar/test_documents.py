"""Pages that are made from the tables are what the tables say now; `pytest --regenerate` writes them anew."""

import re
from pathlib import Path

from matrix_grammar.explanation import page
from matrix_grammar.reading import reads

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_diagnostics_is_what_the_table_says(regenerate: bool) -> None:
    path = DOCS / "diagnostics.md"
    if regenerate:
        path.write_text(page(), "utf-8")
    assert path.read_text("utf-8") == page()


def test_every_matrix_of_the_language_page_is_valid() -> None:
    examples = re.findall(r"```matrix\n(.*?)```", (DOCS / "language.md").read_text("utf-8"), re.DOTALL)
    assert len(examples) >= 5
    for example in examples:
        assert reads(example, includes={"matrix.d/osk1.matrix": "@site osk1\n"}).diagnostics == (), example
