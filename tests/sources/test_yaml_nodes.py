"""YAML by libyaml's events: the nodes that PyYAML's own parser makes, and no text ends the process."""

import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from matrix_sources.ansible.yaml_nodes import _composed, _OddError, root_of
from matrix_sources.outline import DraftError
from matrix_sources.registry import draft

PIECES = st.sampled_from(
    [*"a{}[]'\"1~%@é \n", "b: ", "- ", "\n  ", "\n    ", ": ", ", ", "&x ", "*x", "<<: ", " #", "!t ", "| \n", "yes",
     "---\n", "null", "0x1"]
)  # fmt: skip


def shape(node: yaml.Node | None) -> object:
    """Kinds, tags, values and lines of a node and all in it."""
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.start_mark.line, node.value
    if isinstance(node, yaml.SequenceNode):
        return node.tag, node.start_mark.line, [shape(each) for each in node.value]
    assert isinstance(node, yaml.MappingNode)
    return node.tag, node.start_mark.line, [(shape(key), shape(value)) for key, value in node.value]


def by_pyyaml(text: str) -> yaml.Node | None:
    return yaml.SafeLoader(text).get_single_node()


@pytest.mark.parametrize(
    "text",
    [
        "all:\n  hosts:\n    w1: {ansible_host: 10.0.0.1, a: [1, two, ~]}\n    w2:\n  vars: &v\n    b: 'x'\n",
        "all:\n  vars: &v {a: 1}\n  hosts:\n    w1: *v\n    w2: {<<: *v, b: !vault |\n      abc\n      }\n",
        "# nothing\n",
        "a: yes\nb: 0o7\nc: 1.10\nd: 2026-11-29\ne: !!str 5\nf: ! 5\n",
    ],
)
def test_the_nodes_are_those_of_pyyaml(text: str) -> None:
    assert yaml.__with_libyaml__
    try:
        expected = shape(by_pyyaml(text))
    except yaml.YAMLError:
        with pytest.raises(yaml.YAMLError):
            root_of(text)
        return
    assert shape(_composed(text)) == expected


@given(st.lists(PIECES, max_size=10).map("".join))
def test_what_both_parsers_take_they_take_for_the_same(text: str) -> None:
    try:
        found, expected = shape(_composed(text)), shape(by_pyyaml(text))
    except (yaml.YAMLError, _OddError):
        return
    if "{" not in text:  # of a value that is not there within braces they count the line otherwise
        assert found == expected


@pytest.mark.parametrize(
    "text", ["all: &a\n  hosts: *a\n", "a: *b\n", "a: &x 1\nb: &x 2\n", "a: 1\n---\nb: 2\n", "a: [\n"]
)
def test_what_is_odd_is_as_pyyaml_has_it(text: str) -> None:
    def outcome(read: object) -> object:
        try:
            root = read(text)  # type: ignore[operator]
        except yaml.YAMLError as error:
            return str(error)
        return type(root).__name__, len(root.value)

    assert outcome(root_of) == outcome(by_pyyaml)


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "? "])
def test_values_within_values_without_an_end_are_refused(piece: str) -> None:
    text = f"all: {piece * 200_000}" if piece in "[{a: " else f"all:\n{piece * 200_000}"
    code = (
        "import sys; from matrix_sources.registry import draft; from matrix_sources.outline import DraftError\n"
        "try: draft('ansible', sys.stdin.read(), 'x', form='yaml')\n"
        "except DraftError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr[-200:]


def test_nested_groups_are_read_to_their_bound() -> None:
    deep = "".join("  " * n + f"g{n}:\n" + "  " * n + " children:\n" for n in range(45))
    assert draft("ansible", f"{deep}{'  ' * 45}last:\n", "x", form="yaml").roles >= 1
    with pytest.raises(DraftError):
        draft("ansible", "".join(" " * n + "a:\n" for n in range(3000)), "x", form="yaml")
