import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.reading import load, loads
from matrix_grammar.selectors import HostSet

TEXT = """\
@domain example.jp
@property weight int 0..256
@property ratio number
@state DRAIN out
@default os=debian
@site tky1
@rack A01
[ps] vip=203.0.113.80:80
    w[101-103]  10.6.1.[101-103]  weight=10
    w104        10.6.1.104  [cache weight=5]  [WARN: fan]
    w105        10.6.1.105  weight=5  [STOP: disk]
    w106        10.6.1.106  [cache STOP: cold]
@rack A02
db1  10.6.3.1  [db.master]  ratio=0.5  cores=8  tag="a b"
db2  10.6.3.2  [db.slave]  ratio=1.5  [DRAIN]
@site osk1
Mail1.example.net  10.7.4.1  2001:db8::1  [mx]  os=centos  tag=x tag=y
vpn  -  [mx]
@group front = ps!cache
@group odd   = front^WARN,mx
"""

FLEET = loads(TEXT)


def select(text):
    return FLEET.select(text).folded


@pytest.mark.parametrize(
    ("selector", "hosts"),
    [
        ("ps", "w[101-106]"),
        ("front", "w[101-103,105]"),
        ("odd", "w[101-105],Mail1.example.net,vpn"),
        ("db", "db[1-2]"),
        ("db.master", "db1"),
        ("w104", "w104"),
        ("W104", "w104"),
        ("mail1.EXAMPLE.net", "Mail1.example.net"),
        ("w104.example.jp", "w104"),
        ("w[101-103,105]", "w[101-103,105]"),
        ("w[101-105/2]", "w[101,103,105]"),
        ("w10?", "w[101-106]"),
        ("*1", "w101,db1"),
        ("mail*", "Mail1.example.net"),
        ("[d,m]*", "db[1-2],Mail1.example.net"),
        ("WARN", "w104"),
        ("STOP", "w105"),
        ("DRAIN", "db2"),
        ("UP", "w[101-104,106],db1,Mail1.example.net,vpn"),
        ("ps,db", "w[101-106],db[1-2]"),
        ("ps&cache", "w[104,106]"),
        ("ps!cache", "w[101-103,105]"),
        ("ps^cache", "w[101-103,105]"),
        ("mx,ps&cache", "w[104,106]"),
        ("mx,(ps&cache)", "w[104,106],Mail1.example.net,vpn"),
        (" ( mx , ps )\t& UP ", "w[101-104,106],Mail1.example.net,vpn"),
        ("*!UP", "w105,db2"),
        ("site=tky1&rack=A02", "db[1-2]"),
        ("rack!=A01", "db[1-2],Mail1.example.net,vpn"),
        ("state=WARN", "w104"),
        ("state!=WARN&cache", "w106"),
        ("name=W104", "w104"),
        ("address=2001:db8::1", "Mail1.example.net"),
        ("os=debian&mx", "vpn"),
        ("os!=debian", "Mail1.example.net"),
        ("weight=5", "w105"),
        ("weight>=5", "w[101-103,105]"),
        ("weight < 10", "w105"),
        ("ratio>0.5", "db2"),
        ("ratio<=1", "db1"),
        ("cores>7", "db1"),
        ("os>1", ""),
        ('tag="a b"', "db1"),
        ("tag=y", "Mail1.example.net"),
        ("tag!=y&mx", "vpn"),
        ('tag=""', ""),
        ("vip!=203.0.113.80:80&db", "db[1-2]"),
    ],
)
def test_selects(selector, hosts):
    assert select(selector) == hosts


@pytest.mark.parametrize(
    ("selector", "code", "columns", "message", "cure"),
    [
        ("", "M080", (1, 2), "empty", "`*`"),
        (" \t", "M080", (1, 2), "empty", "`*`"),
        ("ps,,db", "M080", (4, 5), "two operators", "write one `,`"),
        ("ps&,db", "M080", (4, 5), "two operators", ""),
        ("ps&!db", "M080", (4, 5), "two operators", "`!` alone is difference: write `!db`"),
        ("ps&", "M080", (4, 5), "a term should follow", ""),
        (",ps", "M080", (1, 2), "term before", ""),
        ("!ps", "M080", (1, 2), "term before", "`*!ps`"),
        ("ps db", "M080", (4, 6), "operator is missing", "`,` for union"),
        ("ps(db)", "M080", (3, 4), "operator is missing", ""),
        ("(ps", "M080", (4, 5), "not closed", "`)`"),
        ("ps)", "M080", (3, 4), "no `(`", ""),
        ("(ps&)", "M080", (5, 6), "should stand before `)`", ""),
        ("()", "M080", (2, 3), "empty parenthesis", ""),
        ("@ps", "M080", (1, 2), "`@`", "without `@`"),
        ("ps|db", "M080", (3, 4), "`|`", "union is `,`"),
        ("ps\ndb", "M080", (3, 4), "line break", "one line"),
        ("ps\n", "M080", (3, 4), "line break", "one line"),
        ("os==debian", "M080", (3, 5), "`==`", "write `=`"),
        ("os=", "M080", (3, 4), "value should follow", '`""`'),
        ("OS=debian", "M080", (1, 4), "`OS`", "write os"),
        ('os="debian', "M080", (4, 11), "not closed", ""),
        (r'os="\x"', "M080", (5, 7), r"escape \x", r"\""),
        ("vip=[2001:db8::1]:80", "M080", (5, 6), "bracket", "quote"),
        ('"ps"', "M080", (1, 2), '`"`', ""),
        ("ps&é", "M080", (4, 5), "character", ""),
        ("pss", "M081", (1, 4), "unknown name pss", "did you mean ps?"),
        ("w1044", "M081", (1, 6), "unknown name w1044", "w104"),
        ("PS", "M081", (1, 3), "unknown name PS", "did you mean ps?"),
        ("warn", "M081", (1, 5), "unknown name warn", "did you mean WARN?"),
        ("ps&frnt", "M081", (4, 8), "unknown name frnt", "did you mean front?"),
        ("w[101-109]", "M082", (1, 11), "no host w[107-109]", ""),
        ("z*", "M082", (1, 3), "no host matches z*", ""),
        ("[w,z]1*", "M082", (1, 8), "no host matches z1*", ""),
        ("w[3-1]", "M083", (3, 6), "backwards", ""),
        ("w[1", "M083", (2, 4), "not closed", ""),
        ("w[1-1000000000]", "M083", (1, 16), "1,000,000,000 texts", ""),
        ("w[1-20000]", "M083", (1, 11), "20,000 texts; at most 10,000", ""),
        ("[1-101]*", "M083", (1, 9), "101 texts; at most 100", ""),
        ("wieght=3", "M084", (1, 9), "unknown property wieght", "did you mean weight?"),
        ("site=tky2", "M085", (1, 10), "unknown site tky2", "tky1"),
        ("rack=A03", "M085", (1, 9), "unknown rack A03", "A02 or A01"),
        ("state=WRN", "M085", (1, 10), "unknown state WRN", "WARN"),
        ("name=w10", "M085", (1, 9), "unknown name w10", "w10"),
        ("weight>heavy", "M086", (1, 13), "compares numbers", ""),
    ],
)
def test_never_answers_what_it_does_not_know(selector, code, columns, message, cure):
    with pytest.raises(SelectorError) as caught:
        FLEET.select(selector)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert (diagnostic.place.file, diagnostic.place.line) == ("selector", 1)
    assert (diagnostic.place.column, diagnostic.place.end) == columns
    assert message in diagnostic.message
    assert cure in diagnostic.cure
    assert diagnostic.excerpt == selector


def test_every_unknown_name_is_told_at_once_in_order():
    with pytest.raises(SelectorError) as caught:
        FLEET.select("nope&(wieght=3,w[107-108])!psx")
    assert [d.place.column for d in caught.value.diagnostics] == [1, 7, 16, 28]


def test_a_selector_from_anywhere_cannot_hold_a_server_up():
    big = loads("w[0001-9999] 10.0.[1-99].[1-101]\n")
    begun = time.process_time()
    for hostile in (
        ",".join(f"w9{n}x" for n in range(500)),
        "w[1-1000000]," * 200 + "w1",
        ",".join(["[1-99]*[1-99]*"] * 9),
    ):
        with pytest.raises(SelectorError):
            big.select(hostile)
    assert time.process_time() - begun < 5


def test_the_hosts_of_the_same_shape_are_shown():
    with pytest.raises(SelectorError) as caught:
        FLEET.select("w[107-109]")
    assert "w[101-106]" in caught.value.diagnostics[0].hint


def test_parentheses_cannot_exhaust_the_stack():
    assert FLEET.select("(" * 5000 + "ps" + ")" * 5000).folded == "w[101-106]"
    with pytest.raises(SelectorError, match="64 parentheses"):
        FLEET.select("(" * 5000 + "ps" + ",db)" * 5000)
    assert len(FLEET.select(",".join(["ps"] * 5000))) == 6


def test_an_empty_matrix_has_no_hosts_and_no_names():
    empty = loads("# nothing\n")
    assert empty.select("*").folded == ""
    with pytest.raises(SelectorError):
        empty.select("ps")


def test_names_asked_of_a_fleet():
    for ask, name, near in ((FLEET.host, "w1O4", "w104"), (FLEET.role, "pss", "ps"), (FLEET.group, "frunt", "front")):
        with pytest.raises(SelectorError) as caught:
            ask(name)
        assert near in caught.value.diagnostics[0].cure


def test_a_host_set_is_a_sequence_and_a_set():
    ps, cache = FLEET.select("ps"), FLEET.select("cache")
    assert [host.name for host in ps] == list(ps.names) == [f"w{n}" for n in range(101, 107)]
    assert len(ps) == 6
    assert ps[0] is FLEET.host("w101")
    assert ps[-2:] == (FLEET.host("w105"), FLEET.host("w106"))
    assert "W105" in ps
    assert FLEET.host("w105") in ps
    assert "db1" not in ps
    assert FLEET.host("db1") not in ps
    assert (ps & cache) == FLEET.select("ps&cache")
    assert (ps | cache) == FLEET.select("ps,cache")
    assert (ps - cache) == FLEET.select("ps!cache")
    assert (ps ^ cache) == FLEET.select("ps^cache")
    assert hash(ps) == hash(FLEET.select("w10[1-6]"))
    assert repr(cache) == "<HostSet w[104,106]>"
    assert isinstance(ps, HostSet)


def test_sets_of_two_fleets_do_not_mix():
    with pytest.raises(ValueError, match="different fleets"):
        FLEET.select("ps") & loads("a 10.0.0.1\n").select("*")
    assert FLEET.select("ps") & loads(TEXT).select("cache") == FLEET.select("ps&cache")


terms = st.sampled_from(
    ["ps", "cache", "db", "mx", "front", "odd", "UP", "WARN", "w[101-104]", "*", "os=debian", "weight<9"]
)
selectors = st.recursive(
    terms,
    lambda inner: st.tuples(inner, st.sampled_from(",&!^"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(selectors, selectors, selectors)
def test_laws(a, b, c):
    def names(text):
        return set(FLEET.select(text).names)

    assert names(f"{a}!{b}") | names(f"{a}&{b}") == names(a)
    assert names(f"{a}!{b}") & names(f"{a}&{b}") == set()
    assert names(f"{a},{b}") == names(a) | names(b) == names(f"{b},{a}")
    assert names(f"{a}^{b}") == names(f"({a},{b})!({a}&{b})")
    assert names(f"*!({a},{b})") == names(f"(*!{a})&(*!{b})")
    assert names(f"{a},{b}&{c}") == names(f"({a},{b})&{c}")
    assert names(f"{a}&{b}!{c}") == names(f"({a}&{b})!{c}")
    assert list(FLEET.select(a).names) == [name for name in FLEET.index.names if name in names(a)]


def documented():
    page = (Path(__file__).parents[3] / "docs" / "selectors.md").read_text(encoding="utf-8")
    return re.findall(r"^\|.*\| `([^`]+)` →(?: `([^`]+)`)? \|$", page, re.MULTILINE)


def test_what_the_page_says_of_the_example_is_so():
    example = load(Path(__file__).parents[3] / "examples" / "MATRIX")
    assert len(documented()) == 10
    assert [(selector, example.select(selector).folded) for selector, _ in documented()] == documented()
