"""keepalived.conf as a tree: what keepalived's own parser would see, and what could not be understood of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_sources.keepalived import KeepalivedStatement, parse_keepalived

Shape = tuple[object, ...]


def shape(statements: tuple[KeepalivedStatement, ...] | None) -> list[Shape]:
    """Words and blocks alone, without lines."""
    return [(*s.words, shape(s.block)) if s.block is not None else s.words for s in statements or ()]


def told(text: str, config_id: str | None = None) -> list[tuple[int, str]]:
    return [(left.line, left.reason) for left in parse_keepalived(text, config_id).leftovers]


def test_blocks_words_and_lines() -> None:
    conf = parse_keepalived(
        "vrrp_instance VI_1 {\n  priority 100\n  virtual_ipaddress {\n    10.0.0.1/24 dev eth0\n  }\n}\n"
    )
    (instance,) = conf.each("vrrp_instance")
    assert (instance.line, instance.arguments) == (1, ("VI_1",))
    (priority,) = instance.each("priority")
    assert (priority.line, priority.words) == (2, ("priority", "100"))
    (addresses,) = instance.each("virtual_ipaddress")
    assert shape(addresses.block) == [("10.0.0.1/24", "dev", "eth0")]
    assert not conf.leftovers


@pytest.mark.parametrize(
    "text",
    ["url { path / }", "url {\npath /\n}", "url\n{\npath /\n}", "url{path /}", "url { path /\n}", "url\n{ path / }"],
)
def test_braces_may_stand_anywhere(text: str) -> None:
    assert shape(parse_keepalived(text).statements) == [("url", [("path", "/")])]


def test_comments_are_kept_apart_and_may_stand_anywhere() -> None:
    conf = parse_keepalived('! head\nweight 1  # one\ninhibit_on_failure ! two\nscript "a # b ! c"\npath a\\#b\n#\n')
    assert shape(conf.statements) == [
        ("weight", "1"),
        ("inhibit_on_failure",),
        ("script", "a # b ! c"),
        ("path", "a#b"),
    ]
    assert conf.comments == ((1, "head"), (2, "one"), (3, "two"))


def test_quotes_hold_words_together_and_may_be_glued() -> None:
    conf = parse_keepalived("""a abcd" efg h"\nb "x \\"y\\" \\x41\\101\\t" 'one two'\nc "" ' '\n""")
    assert shape(conf.statements) == [("a", "abcd efg h"), ("b", 'x "y" AA\t', "one two"), ("c", "", " ")]


def test_parameters_are_replaced_where_they_are_used() -> None:
    text = '$BASE=10.2.${SUB}\n$SUB=0\na ${BASE}.1\n$SUB=10\na ${BASE}.1 $SUB ${UNKNOWN} $SUBX\nb "${_HASH}${_BANG}"\n'
    conf = parse_keepalived(text.replace("${UNKNOWN}", '"${UNKNOWN}"'))
    assert shape(conf.statements) == [("a", "10.2.0.1"), ("a", "10.2.10.1", "10", "${UNKNOWN}", "$SUBX"), ("b", "#!")]


def test_a_parameter_of_several_lines_makes_blocks_each_time() -> None:
    member = "$RS= \\\nreal_server 10.0.0.${N} 80 { \\\n weight 1 \\\n\n}\n\n"
    conf = parse_keepalived(member + "$VS= \\\n$N=1 \\\n$RS \\\n$N=2 \\\n$RS\nv {\n$VS\n}\n")
    members = [("real_server", f"10.0.0.{n}", "80", [("weight", "1")]) for n in (1, 2)]
    assert shape(conf.statements) == [("v", members)]
    assert {s.line for s in conf.statements[0].block or ()} == {13}


def test_conditional_lines_are_told_or_follow_the_config_id() -> None:
    text = "@main priority 240\n@^main priority 200\n"
    assert told(text) == [(1, "for the config-id main alone"), (2, "for the config-id other than main alone")]
    assert shape(parse_keepalived(text, "main").statements) == [("priority", "240")]
    assert shape(parse_keepalived(text, "lv2").statements) == [("priority", "200")]
    assert shape(parse_keepalived("$IF=@main\n$IF priority 1\n@lv2 $P=7\npriority $P\n", "lv2").statements) == [
        ("priority", "7")
    ]


def test_what_is_not_followed_is_told_with_its_line() -> None:
    assert told("include other.conf\n~SEQ(N, 1, 3) a $N\nweight 1\n") == [
        (1, "another file; import it by itself"),
        (2, "a sequence block; write its lines out"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a {\n b 1\n", 1, "its block is not closed"),
        ("a 1\n}\n", 2, "there is no `{` to it"),
        ("{\na 1\n}\n", 1, "a block without a keyword"),
        ('a "b c\n', 1, "a quote is not closed"),
        ("a " * 3000, 1, "a line of 6,000 characters"),
        ("$A=$A $A\nb $A\n", 2, "its parameters name one another without an end"),
        ("$A=${B}\n$B=${A}\nb ${A}\n", 3, "its parameters name one another without an end"),
        ("a {\n" * 40 + "}\n" * 40, 33, "a block within 32 others"),
    ],
)
def test_what_is_wrong_with_the_form_is_told(text: str, line: int, reason: str) -> None:
    assert told(text) == [(line, reason)]


def test_what_is_too_deep_takes_nothing_else_with_it() -> None:
    conf = parse_keepalived("a {\n" * 100 + "}\n" * 100 + "weight 1\n")
    assert shape(conf.statements)[-1] == ("weight", "1")


def test_parameters_that_multiply_come_to_an_end() -> None:
    doubling = "".join(f"$P{n}= \\\n$P{n + 1} \\\n$P{n + 1}\n" for n in range(31))
    assert told(doubling + f"$P31={'x' * 3000}\n$P0\n")[-1][1].startswith("more than")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="a1 {}\"'\\!#$=@~^\n\tP", max_size=80) | st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    conf = parse_keepalived(text)
    last = text.count("\n") + 1
    assert all(1 <= left.line <= last for left in conf.leftovers)
    assert all(1 <= line <= last for line, _ in conf.comments)
