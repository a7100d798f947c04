"""What CONTRIBUTING.md names is there: the files of its recipes, and every function of the way of an edit."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES, WAY = (
    PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    for title in ("To add something", "Follow one edit through the code")
)
FILES = sorted(set(re.findall(r"`((?:[a-z_]+/)+[A-Za-z_.]+)`", RECIPES + WAY)))
STEPS = re.findall(r"`([A-Za-z_.]+)` \(`([^`]+)`\)", WAY)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).exists() or re.search(r"NAME|LANGUAGE|VERB|EXT", name)


def test_every_recipe_has_six_steps() -> None:
    recipes = re.split(r"^\*\*", RECIPES, flags=re.MULTILINE)[1:]
    assert [len(re.findall(r"^\d\. ", recipe, re.MULTILINE)) for recipe in recipes] == [6] * 7
    assert len(re.findall(r"^\d+\. ", WAY, re.MULTILINE)) == 10


@pytest.mark.parametrize(("function", "file"), STEPS)
def test_a_function_on_the_way_of_an_edit_is_in_its_file(function: str, file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    for name in function.split("."):
        assert re.search(rf"^ *(?:def|class) {name}\b", text, re.MULTILINE), name
