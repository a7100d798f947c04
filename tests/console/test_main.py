"""The command `matrix` itself: its help, and verbs that there are not."""

import click
import pytest
from click.testing import CliRunner

from matrix_console.main import SECTIONS, matrix

VERBS = [verb for section in SECTIONS.values() for verb in section]


def test_help_names_every_verb_and_the_exit_statuses() -> None:
    result = CliRunner().invoke(matrix, ["--help"])
    assert result.exit_code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in result.output
    assert "3 some hosts failed" in " ".join(result.output.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_in_the_help_exists_and_explains_itself(verb: str) -> None:
    result = CliRunner().invoke(matrix, [verb, "--help"])
    assert result.exit_code == 0, result.output
    command = matrix.get_command(click.Context(matrix), verb)
    assert command is not None
    assert command.help
    assert "Usage:" in result.output


def test_an_unknown_verb_fails_with_the_nearest_one() -> None:
    result = CliRunner().invoke(matrix, ["pusch"])
    assert result.exit_code == 2
    assert "did you mean push?" in result.output
