"""haproxy: a configuration that HAProxy accepts without a warning, with the VIPs and members that the MATRIX says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import HOSTILE, checked, errors, lines_that_differ, made, only, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.haproxy.language import HAPROXY, parse_haproxy
from matrix_emitters.reflection.model import reflector

MATRIX = """
@site tky1
[haproxy]
    p1  10.0.9.1
[ps] sched=wlc  check=http:/alive.html  check.host=www.example.jp  check.status="200-299 301"  check.every=5s
     check.retries=2  check.pause=500ms  persist=5m  persist.prefix=24  sorry=10.0.0.99:80  haproxy.mode=http
     vip=203.0.113.80:80
    w1  10.0.0.1  weight=10  haproxy.maxconn=100
    w2  10.0.0.2  weight=0  [ps check=none]
    w3  10.0.0.3  [WARN: fan alarm 4/12]  [ps check=http:8081/alive.html]
    w4  10.0.0.4  [STOP: disk]
[db] vip="[2001:db8::30]:3306"  check=tcp  persist=90s  persist.prefix=64
     haproxy.send_proxy=true  haproxy.balance=first
    d1  2001:db8::1
[mx] vip=10.6.0.31:25  check=smtp  check.timeout=1500ms  check.helo=lb
    m1  10.0.3.1  [STOP]
[img] vip=10.6.0.32:443  check=http:/  sched=sh
    i1  10.0.4.1
[voice] vip=10.6.0.33:5060  proto=udp  balancer=lv
    v1  10.0.5.1
[lv]
    lv1  10.0.9.9
"""


@pytest.mark.needs("haproxy")
def test_haproxy_accepts_the_services_that_its_host_carries(tmp_path: Path) -> None:
    found = only("haproxy", MATRIX)
    assert errors(found) == []
    assert [f.message for f in found.findings] == ["role mx, VIP 10.6.0.31:25: no member is in service"]
    result = checked(found, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    services = found.content.decode().partition("\nfrontend ")[2]
    assert "frontend " + services == (Path(__file__).parents[1] / "cases/haproxy-p1.cfg").read_text()


def test_what_the_process_needs_is_the_sites_to_say(tmp_path: Path) -> None:
    found = only("haproxy", MATRIX, **{"global": ["maxconn 9000"], "defaults": ["timeout connect 1s"]})
    sections = parse_haproxy(found.content.decode())
    assert [(one.words, one.lines) for one in sections[:2]] == [
        (("global",), (("maxconn", "9000"),)),
        (("defaults",), (("timeout", "connect", "1s"),)),
    ]
    for lines in (["a\nb"], ["frontend x"], [""], "maxconn 1"):
        with pytest.raises(EmitterError, match=r"reflect\.haproxy\.global"):
            made("haproxy", MATRIX, **{"global": lines})


def test_who_gets_traffic_is_read_from_a_text_however_it_is_written() -> None:
    serving = reflector("haproxy").serving
    assert serving(only("haproxy", MATRIX).content.decode()) == {
        "203.0.113.80:80": frozenset({"10.0.0.1", "10.0.0.3"}),
        "[2001:db8::30]:3306": frozenset({"2001:db8::1"}),
        "10.6.0.31:25": frozenset(),
        "10.6.0.32:443": frozenset({"10.0.4.1"}),
    }
    by_hand = "listen a\n bind :80\n server 'x' 10.0.0.1:80 # backup\n server y 10.0.0.2 disabled\n"
    assert serving(by_hand) == {":80": frozenset({"10.0.0.1"})}
    for broken in ("server x 10.0.0.1\n", "listen a\n bind 'x\n"):
        with pytest.raises(EmitterError, match="haproxy: "):
            serving(broken)


def test_one_host_more_or_a_state_changes_its_own_line_alone() -> None:
    more = MATRIX.replace("    w2  ", "    w10 10.0.0.10\n    w2  ")
    gone, new = lines_that_differ(only("haproxy", MATRIX), only("haproxy", more))
    assert (gone, [line.split()[:3] for line in new]) == ([], [["server", "w10", "10.0.0.10:80"]])
    stopped = MATRIX.replace("[WARN: fan", "[STOP: fan")
    gone, new = lines_that_differ(only("haproxy", MATRIX), only("haproxy", stopped))
    assert ([line.split()[:3] for line in gone], new) == ([["server", "w3", "10.0.0.3:80"]], [])


@pytest.mark.needs("haproxy")
def test_hostile_text_stays_text_or_is_refused_by_name(tmp_path: Path) -> None:
    accepted, text = [], "[haproxy]\n  p 10.0.0.9\n"
    for number, hostile in enumerate(HOSTILE):
        role = f"[r{number}] vip=10.1.0.{number + 1}:80 check={quoted(f'http:/{hostile}')}\n"
        host = f"    h{number} 10.0.1.{number + 1} [WARN: {quoted(hostile)}]\n"
        if "\n" in hostile or "\t" in hostile:
            with pytest.raises(EmitterError, match=rf"role r{number}, VIP .*: check"):
                made("haproxy", f"[haproxy]\n  p 10.0.0.9\n{role}{host}")
            text += role.partition(" check=")[0] + f"\n{host}"
        else:
            accepted.append((number, hostile))
            text += role + host
    found = only("haproxy", text)
    assert errors(found) == []
    result = checked(found, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    backends = {one.words[1]: one for one in parse_haproxy(found.content.decode()) if one.words[0] == "backend"}
    assert len(backends) == len(HOSTILE)
    assert len(accepted) > 12
    for number, hostile in accepted:
        lines = backends[f"r{number}-10.1.0.{number + 1}-80"].lines
        assert ("http-check", "send", "meth", "GET", "uri", f"/{hostile}") in lines
        assert [line[0] for line in lines] == ["mode", "balance", "option", "http-check", "http-check", "server"]


@settings(deadline=None)
@given(st.text())
def test_any_text_is_one_argument_or_refused(text: str) -> None:
    try:
        spelled = HAPROXY.literal(text)
    except EmitterError:
        assert text == "" or any(ord(letter) < 32 or letter == "\x7f" for letter in text)
        return
    (one,) = parse_haproxy(f"backend x\n  option {spelled} end # {spelled}\n")
    assert one.lines == (("option", text, "end"),)


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("sched=nq", "role ps, VIP .*: HAProxy has nothing like sched=nq; say haproxy.balance"),
        ("check=misc:/bin/x", "check: HAProxy runs no scripts"),
        ("proto=udp", "HAProxy carries TCP, not udp"),
        ("haproxy.mode=h2", "haproxy.mode is 'h2', which is none of tcp, http"),
        ("haproxy.balance=best", "haproxy.balance is 'best'"),
        ("persist=30d", "persist is longer than HAProxy's longest time, 24d"),
        ("haproxy.balance=uri", "haproxy.balance=uri needs haproxy.mode=http"),
        ('check=http:/ check.status="200;"', "check.status is '200;'"),
        ("check=tcp\n   m2 10.0.0.3 [ps check=smtp]", "host m2 in role ps: check: a backend of HAProxy has one kind"),
        ("haproxy.maxconn=0", "host m in role ps: haproxy.maxconn is .*0.*, not a whole number from 1"),
    ],
)
def test_what_haproxy_cannot_do_is_refused(role: str, message: str) -> None:
    own = "@property haproxy.mode text\n@property haproxy.maxconn int\n"
    with pytest.raises(EmitterError, match=message):
        made("haproxy", f"{own}[haproxy]\n  p 10.0.0.9\n[ps] vip=10.1.1.1:80 {role}\n  m 10.0.0.2\n")


def test_a_vip_of_two_roles_a_weight_beyond_haproxy_and_nothing_to_carry_are_errors() -> None:
    text = "[haproxy]\n  p 10.0.0.9\n[a] vip=10.1.1.1:80\n  m 10.0.0.2 weight=257\n[b] vip=10.1.1.1:80\n  n 10.0.0.3\n"
    assert errors(only("haproxy", text)) == [
        "the VIP 10.1.1.1:80 is bound 2 times",
        "role a, VIP 10.1.1.1:80: the weight 257 of m is beyond HAProxy's 256",
    ]
    assert errors(only("haproxy", "[haproxy]\n  p 10.0.0.9\n")) == ["this host carries no VIP"]


@pytest.mark.needs("haproxy")
def test_the_check_refuses_what_haproxy_refuses(tmp_path: Path) -> None:
    good = only("haproxy", MATRIX)
    for content in (b"", good.content + b"backend x\n    nosuchword\n", good.content + b"backend x\n    bind :1\n"):
        assert checked(dataclasses.replace(good, content=content), tmp_path).returncode != 0
