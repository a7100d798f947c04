"""Asserts tell a type checker what is known, and do nothing: under `python -O` they are not there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
FILES = [path for each in PACKAGES for path in sorted((REPOSITORY / each / f"matrix_{each}").rglob("*.py"))]


def computed(trees: list[ast.Module]) -> set[str]:
    """The names of attributes that are computed when they are read: reading one in an assert may be an effect."""
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Name) and each.id == "cached_property" for each in node.decorator_list)
    }


def is_kept(node: ast.expr, names: set[str]) -> bool:
    """Whether it is a variable, or an attribute or item that nothing computes."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr in names:
            return False
        node = node.value
    return isinstance(node, ast.Name)


def narrows(test: ast.expr, names: set[str]) -> bool:
    """Whether it is `X is not None` or `isinstance(X, …)` and nothing else."""
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return is_kept(left, names)
        case ast.Call(func=ast.Name(id="isinstance"), args=[value, _], keywords=[]):
            return is_kept(value, names)
    return False


def asserts_that_do_more(tree: ast.Module, names: set[str]) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and (node.msg is not None or not narrows(node.test, names)):
            yield node.lineno


def test_every_assert_only_narrows_a_type() -> None:
    trees = {path: ast.parse(path.read_text()) for path in FILES}
    names = computed(list(trees.values()))
    assert "networks" in names
    broken = [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for path, tree in trees.items()
        for line in asserts_that_do_more(tree, names)
    ]
    assert broken == []


@pytest.mark.parametrize(
    "line",
    [
        "assert settings.networks is not None",
        "assert check(settings)",
        "assert len(words) == 2",
        "assert read().head is not None",
        "assert isinstance(settings.networks, tuple)",
        "assert words[0] == 'x' and words",
        "assert word is not None, 'a message for somebody'",
    ],
)
def test_a_planted_assert_that_does_more_is_found(line: str) -> None:
    assert [*asserts_that_do_more(ast.parse(line), {"networks"})] == [1]


@pytest.mark.parametrize("line", ["assert word is not None", "assert isinstance(self.end, int)"])
def test_an_assert_that_narrows_is_let_be(line: str) -> None:
    assert [*asserts_that_do_more(ast.parse(line), {"networks"})] == []
