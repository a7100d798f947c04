"""What is let through by the linter gives its reason beside it."""

import re
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console", "scripts")


def test_every_exception_to_a_rule_of_security_has_its_reason() -> None:
    let_through = [
        (path.name, line.strip())
        for package in PACKAGES
        for path in sorted((HOUSE / package).rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.search(r"# noqa: .*\bS\d", line)
    ]
    assert let_through
    assert [each for each in let_through if not re.search(r"# noqa: [A-Z0-9, ]+ - \w", each[1])] == []
