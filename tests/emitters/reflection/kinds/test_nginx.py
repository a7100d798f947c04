"""nginx: upstreams that nginx accepts, with the members that the MATRIX says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import HOSTILE, checked, errors, lines_that_differ, made, only, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.nginx.language import NGINX, parse_nginx
from matrix_emitters.reflection.model import reflector

MATRIX = """
@site tky1
[nginx]
    p1  10.0.9.1
[ps] nginx.upstream=pages  sched=wlc  port=8080  nginx.keepalive=16  sorry=10.0.0.99:80
    w1  10.0.0.1  weight=10  nginx.max_conns=100
    w2  10.0.0.2  weight=0  nginx.max_fails=3  nginx.fail_timeout=10s
    w3  10.0.0.3  [WARN: fan alarm 4/12]
    w4  10.0.0.4  [STOP: disk]
    w5  10.0.0.5  [ps nginx.backup=true weight=3]
[api] nginx.upstream=api  vip=10.1.1.1:443
    a1  2001:db8::1
@site osk1
[nginx]
    p2  10.1.9.1
[ps] nginx.upstream=pages  port=8080
    w6  10.1.0.6
"""


@pytest.mark.needs("nginx")
def test_nginx_accepts_the_members_of_its_site_with_their_weights(tmp_path: Path) -> None:
    tokyo, osaka = made("nginx", MATRIX)
    assert (tokyo.hosts, osaka.hosts) == (("p1",), ("p2",))
    assert tokyo.content.decode().split("\n", 1)[1] == (
        "upstream pages {\n"
        "    least_conn;\n"
        "    server 10.0.0.1:8080 weight=10 max_conns=100;  # w1\n"
        "    server 10.0.0.2:8080 down max_fails=3 fail_timeout=10s;  # w2\n"
        "    server 10.0.0.3:8080 weight=1;  # w3: WARN: fan alarm 4/12\n"
        "    server 10.0.0.5:8080 weight=3 backup;  # w5\n"
        "    server 10.0.0.99:80 backup;  # sorry server\n"
        "    keepalive 16;\n"
        "}\n"
        "upstream api {\n"
        "    server [2001:db8::1]:443 weight=1;  # a1\n"
        "}\n"
    )
    assert osaka.content.decode().split("\n", 1)[1] == (
        "upstream pages {\n    server 10.1.0.6:8080 weight=1;  # w6\n}\n"
    )
    for found in (tokyo, osaka):
        assert errors(found) == []
        result = checked(found, tmp_path)
        assert result.returncode == 0, result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["staged"]


def test_who_gets_traffic_is_read_from_a_text_however_it_is_written() -> None:
    serving = reflector("nginx").serving
    assert serving(made("nginx", MATRIX)[0].content.decode()) == {
        "pages": frozenset({"10.0.0.1", "10.0.0.3"}),
        "api": frozenset({"2001:db8::1"}),
    }
    by_hand = "events{}http{upstream 'a'{server 10.0.0.1 down;server\n10.0.0.2 # x; }\n ;}}"
    assert serving(by_hand) == {"a": frozenset({"10.0.0.2"})}
    with pytest.raises(EmitterError, match="the text ends within a block"):
        serving("upstream a { server 10.0.0.1;")


def test_all_sites_are_one_pool_where_the_role_says_so() -> None:
    everywhere = MATRIX.replace("nginx.upstream=pages", "nginx.upstream=pages pool.scope=all", 1)
    assert "10.1.0.6:8080" in made("nginx", everywhere)[0].content.decode()


@pytest.mark.needs("nginx")
@pytest.mark.parametrize(
    ("role", "other", "told"),
    [
        ("sched=sh", "", ["upstream ps has no member in service: nginx answers 502"]),
        ("sorry=10.9.9.9:80", "", ["upstream ps has no member in service: nginx answers 502"]),
        ("", "  w2 10.0.0.2 nginx.backup=true\n", []),
    ],
)
def test_an_upstream_without_a_member_or_with_backups_alone_is_valid(
    tmp_path: Path, role: str, other: str, told: list[str]
) -> None:
    found = only("nginx", f"p 10.0.0.9 [nginx]\n[ps] nginx.upstream=ps port=80 {role}\n  w1 10.0.0.1 [STOP]\n{other}")
    assert b"server 127.0.0.1:9 down;" in found.content
    assert checked(found, tmp_path).returncode == 0
    assert [f.message for f in found.findings] == told


def test_one_host_more_or_a_state_changes_its_own_line_alone() -> None:
    more = MATRIX.replace("    w2  ", "    w10 10.0.0.10\n    w2  ")
    assert lines_that_differ(made("nginx", MATRIX)[0], made("nginx", more)[0]) == (
        [],
        ["    server 10.0.0.10:8080 weight=1;  # w10"],
    )
    stopped = MATRIX.replace("[WARN: fan", "[STOP: fan")
    assert lines_that_differ(made("nginx", MATRIX)[0], made("nginx", stopped)[0]) == (
        ["    server 10.0.0.3:8080 weight=1;  # w3: WARN: fan alarm 4/12"],
        [],
    )


@pytest.mark.needs("nginx")
def test_hostile_reasons_stay_remarks(tmp_path: Path) -> None:
    lines = [f"    h{n} 10.0.1.{n} [WARN: {quoted(text)}]\n" for n, text in enumerate(HOSTILE)]
    found = only("nginx", "p 10.0.0.9 [nginx]\n[ps] nginx.upstream=ps port=80\n" + "".join(lines))
    assert errors(found) == []
    assert checked(found, tmp_path).returncode == 0
    (upstream,) = parse_nginx(found.content.decode())
    assert [one.words for one in upstream.block or ()] == [
        ("server", f"10.0.1.{n}:80", "weight=1") for n in range(len(HOSTILE))
    ]


@pytest.mark.parametrize("text", [text for text in HOSTILE if not text.startswith("xxx")])
@pytest.mark.parametrize("key", ["nginx.upstream", "nginx.method", "nginx.keepalive", "sched", "pool.scope"])
def test_hostile_text_in_a_setting_is_refused_by_name(key: str, text: str) -> None:
    base = "nginx.upstream=ps " if key != "nginx.upstream" else ""
    own = f"@property {key} text\n"  # a declaration of the user's own lets any text through
    with pytest.raises(EmitterError, match="role ps"):
        made("nginx", f"{own}p 10.0.0.9 [nginx]\n[ps] {base}port=80 {key}={quoted(text)}\n  w1 10.0.0.1\n")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_one_word_or_refused(text: str) -> None:
    try:
        spelled = NGINX.literal(text)
    except EmitterError:
        assert any(ord(letter) < 32 or letter in "\x7f$" for letter in text)
        return
    (one,) = parse_nginx(f"set {spelled} end;")
    assert one.words == ("set", text, "end")


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("sched=nq", "role ps: nginx has nothing like sched=nq; say nginx.method"),
        ("sched=sh sorry=10.0.0.9:80", "role ps: nginx knows no sorry server with ip_hash"),
    ],
)
def test_what_nginx_cannot_do_is_refused(role: str, message: str) -> None:
    with pytest.raises(EmitterError, match=message):
        made("nginx", f"p 10.0.0.9 [nginx]\n[ps] nginx.upstream=ps port=80 {role}\n  w1 10.0.0.1\n")


def test_a_member_without_a_port_is_refused() -> None:
    with pytest.raises(EmitterError, match=r"host w1 in role ps has no port; write port=… on the header \[ps\]"):
        made("nginx", "p 10.0.0.9 [nginx]\n[ps] nginx.upstream=ps\n  w1 10.0.0.1\n")


def test_two_roles_with_one_upstream_and_none_at_all_are_errors() -> None:
    two = (
        "p 10.0.0.9 [nginx]\n[a] nginx.upstream=x port=80\n  w1 10.0.0.1\n[b] nginx.upstream=x port=80\n  w2 10.0.0.2\n"
    )
    assert "two roles make the upstream x" in errors(only("nginx", two))
    assert errors(only("nginx", "p 10.0.0.9 [nginx]\n")) == ["no role has nginx.upstream"]


@pytest.mark.needs("nginx")
def test_the_check_refuses_what_nginx_refuses(tmp_path: Path) -> None:
    good = made("nginx", MATRIX)[0]
    for content in (good.content + good.content, b"upstream x { }\n", b"upstream x {\n"):
        assert checked(dataclasses.replace(good, content=content), tmp_path).returncode != 0
