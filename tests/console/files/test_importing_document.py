"""docs/importing.md: what it shows is what comes out. `pytest --regenerate` writes the outputs anew."""

import re
from pathlib import Path

from click.testing import CliRunner

from matrix_console.main import matrix

PAGE = Path(__file__).parents[3] / "docs" / "importing.md"
BLOCK = re.compile(r"^```\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def test_the_page_shows_real_output(tmp_path, monkeypatch, regenerate):
    monkeypatch.chdir(tmp_path)
    shown = []

    def fresh(match):
        line, _, rest = match[1].partition("\n")
        verb, *arguments = line.removeprefix("$ ").split()
        if verb == "cat":
            Path(arguments[0]).write_text(rest)
            return match[0]
        assert verb == "matrix"
        result = CliRunner().invoke(matrix, arguments)
        assert result.exit_code == 0
        shown.append(line)
        return f"```\n{line}\n{result.output}```\n"

    page = PAGE.read_text()
    made = BLOCK.sub(fresh, page)
    if regenerate:
        PAGE.write_text(made)
        page = made
    assert made == page
    assert len(shown) >= 5
