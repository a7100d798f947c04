"""Text that means harm stays text: no value of the MATRIX can add a directive to keepalived.conf."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from balancing import PAIR, keepalived_says, members, server, value
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_parts import require
from reflecting import HOSTILE, SURROUNDINGS, errors, made, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.keepalived.language import KEEPALIVED, comment, word
from matrix_emitters.reflection.model import Reflected
from matrix_sources.keepalived import KeepalivedConf, KeepalivedStatement, parse_keepalived

PLACES = {
    "check=http:": "check={}",
    "check=misc:": "check={}",
    "check.host": "check=http:/ check.host={}",
    "check.helo": "check=smtp check.helo={}",
    "check.status": "check=http:/ check.status={}",
    "sched": "sched={}",
    "balancer": "balancer={}",
    "vip.dev": "vip.dev={}",
    "meaning": "{}",
}
"""Every place of a role where a text may stand, by how it gets there."""

HARMLESS = {"check.status": "200", "sched": "rr", "balancer": "lv", "vip.dev": "e0"}
LEADS = {"check=http:": "http:/", "check=misc:": "misc:/bin/"}


def keywords(conf: KeepalivedConf) -> list[tuple[str, ...]]:
    """The tree of keywords, without their values."""

    def walk(statements: tuple[KeepalivedStatement, ...], above: tuple[str, ...]) -> list[tuple[str, ...]]:
        return [
            path
            for one in statements
            for path in [(*above, one.keyword), *walk(one.block or (), (*above, one.keyword))]
            if above[-1:] not in (("virtual_ipaddress",), ("group",))
        ]

    return walk(conf.statements, ())


def reflected(place: str, text: str) -> Reflected:
    properties = PLACES[place].format(quoted(LEADS.get(place, "") + text))
    return made("keepalived", PAIR + f'[ps] vip=203.0.113.80:80 {properties}\n  w1 10.6.1.1 "note"\n')[0]


@pytest.mark.parametrize("place", PLACES)
def test_hostile_text_is_refused_by_name_or_stays_one_word(place: str) -> None:
    harmless = keywords(parse_keepalived(reflected(place, HARMLESS.get(place, "x")).content.decode()))
    refused = []
    for text in HOSTILE:
        try:
            found = reflected(place, text)
        except EmitterError as error:
            refused.append(str(error))
            continue
        parsed = parse_keepalived(found.content.decode())
        assert keywords(parsed) == harmless, text
        assert place == "check=misc:" or not errors(found)  # a program is allowed, or it is none
    named = place.partition("=")[0]
    assert all("role ps, VIP 203.0.113.80:80" in one and named in one for one in refused), refused
    assert len(refused) >= 8 or place == "meaning"


@pytest.mark.parametrize(
    "text", ['"', "\\", "$HOME", "${_PWD}", "~SEQ(a, 1, 2)", "~LST(a, 1)", "a\nb", "\x85", "x" * 513]
)
def test_what_keepalived_would_not_leave_alone_is_refused(text: str) -> None:
    with pytest.raises(EmitterError, match="keepalived"):
        KEEPALIVED.literal(text)


@pytest.mark.parametrize("text", ["eth0; rm", "a b", "", "{", "é", "a\n", "#", '"'])
def test_a_word_without_quotes_is_plain(text: str) -> None:
    with pytest.raises(EmitterError, match="not one plain word"):
        word(text)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_is_quoted_is_read_back_as_one_word(text: str) -> None:
    try:
        literal = KEEPALIVED.literal(text)
    except EmitterError:
        return
    parsed = parse_keepalived(f"a {{\n    b {literal} c\n}}\n")
    (block,) = parsed.statements
    assert parsed.leftovers == ()
    assert [statement.words for statement in block.block or ()] == [("b", text, "c")]


def test_no_line_is_so_long_that_keepalived_would_break_it_in_two() -> None:
    role, site = "r" * 1200, "S" * 1200
    found = made(
        "keepalived", f"@site {site}\n[lv] vrid=1\n  lv1 10.0.0.1\n[{role}] vip=203.0.113.1:80\n  w1 10.0.0.2\n"
    )
    assert max(map(len, found[0].content.splitlines())) < 600
    assert not errors(found[0])


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_is_a_comment_is_nothing_more(text: str) -> None:
    parsed = parse_keepalived(f"a {{ # {comment(text)}\n    b c\n}}\n")
    (block,) = parsed.statements
    assert parsed.leftovers == ()
    assert [statement.words for statement in block.block or ()] == [("b", "c")]


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"\\$~'), max_size=40))
@settings(max_examples=60, deadline=None)
def test_the_path_of_a_page_arrives_as_it_was_written(path: str) -> None:
    found = reflected("check=http:", path)
    (member,) = members(server(found, "203.0.113.80")).values()
    assert value(member, "HTTP_GET", "url", "path") == f"/{path}"
    assert not errors(found)


@pytest.mark.parametrize("text", ["a!b#c { } it's; |&(x)@^%41", "a  b ! c # d é日本 ?b=c,d*e+f<g>[h]_~u/", "x" * 480])
def test_the_running_keepalived_reads_what_was_quoted(text: str, tmp_path: Path) -> None:
    require("keepalived", "unshare", "ip")
    conf = tmp_path / "keepalived.conf"
    conf.write_text(
        f"global_defs {{\n    router_id {KEEPALIVED.literal(text)}\n}}\n"
        "vrrp_instance a {\n    interface vlan77\n    virtual_router_id 1\n"
        "    virtual_ipaddress {\n        192.0.2.1/32\n    }\n}\n"
    )
    line = (
        "ip link add vlan77 type bridge && ip link set vlan77 up && "
        f"exec timeout 60 keepalived -P -n -l -d -p {tmp_path}/pid -r {tmp_path}/vrrp.pid -f {conf}"
    )
    namespaces = ("unshare", "-rnmp", "--fork", "--kill-child", "--mount-proc")
    with subprocess.Popen(
        [*namespaces, "sh", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=SURROUNDINGS
    ) as running:
        assert running.stdout is not None
        told = next(line.partition("Router ID = ")[2] for line in running.stdout if "Router ID = " in line)
        running.kill()
    assert told == text + "\n"


def test_the_real_keepalived_takes_a_hostile_but_fit_path(tmp_path: Path) -> None:
    result = keepalived_says(reflected("check=http:", "a'!#{b};|&(x)@[1]?c=%24"), tmp_path)
    assert result.returncode == 0, result.stderr
