"""The reference pages are those of the commands as they are, and links between documents lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(path for pattern in ("*.md", "*/README.md", "docs/*.md") for path in REPOSITORY.glob(pattern))


def test_the_reference_pages_are_current() -> None:
    command = [sys.executable, str(REPOSITORY / "scripts/reference.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_tour_of_the_readme_is_the_recorded_run() -> None:
    tour = (REPOSITORY / "docs/demo.txt").read_text(encoding="utf-8").splitlines()
    blocks = re.findall(r"<!-- tour: .*?-->\n```\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 7
    for block in blocks:
        lines = block.splitlines()
        begins = [index for index, line in enumerate(tour) if line == lines[0]]
        assert any(tour[begin : begin + len(lines)] == lines for begin in begins), block
