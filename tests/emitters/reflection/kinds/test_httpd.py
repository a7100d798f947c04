"""httpd: virtual hosts, balancers and access that Apache accepts, and that say what the MATRIX says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from apache import Apache
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import HOSTILE, errors, lines_that_differ, made, only, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.httpd.language import HTTPD, parse_httpd
from matrix_emitters.reflection.model import reflector

MATRIX = """
@domain example.jp
@default httpd.max_workers=250
@site tky1
@rack A1
[www] httpd.name=www.example.jp  httpd.name=example.jp  httpd.root=/var/www
      httpd.proxy="/ ps"  httpd.proxy="/app/ api.v2"  httpd.allow="/admin/x adm"  httpd.allow="/admin adm,lv"
    web1  10.0.9.1  [httpd]  httpd.max_workers=400  httpd.env="GREETING=hello"
    web2  10.0.9.2  [httpd]  [www.static]  [STOP: new disk]
[ps] port=8080  sched=wlc  httpd.sticky=JSESSIONID  sorry=10.0.0.99:80
    w1  10.0.0.1  weight=10
    w2  10.0.0.2  weight=0
    w3  10.0.0.3  [WARN: fan alarm 4/12]
    w4  10.0.0.4  [STOP: disk]
[api.v2] vip=10.1.1.1:9000  httpd.scheme=https
    a1  2001:db8::1
adm  10.0.5.1  [STOP]
lv   10.0.5.2  2001:db8::9
"""


@pytest.fixture
def apache(tmp_path: Path) -> Apache:
    return Apache(tmp_path)


@pytest.mark.needs("apache2ctl")
def test_apache_accepts_what_the_matrix_says_of_each_host(apache: Apache) -> None:
    first, second = made("httpd", MATRIX)
    assert (first.hosts, second.hosts) == (("web1",), ("web2",))
    assert first.content.decode().split("\n", 1)[1] == (Path(__file__).parents[1] / "cases/httpd-web1.conf").read_text()
    for found in (first, second):
        assert errors(found) == []
        result = apache.check(found)
        assert (result.returncode, result.stderr) == (0, "Syntax OK\n")
    gone, new = lines_that_differ(first, second)
    assert gone == [
        "Define MATRIX_HOST web1", "Define MATRIX_ADDRESS 10.0.9.1", "MaxRequestWorkers 400",
        "    SetEnv GREETING hello",
    ]  # fmt: skip
    assert new == [
        "Define MATRIX_HOST web2", "Define MATRIX_ADDRESS 10.0.9.2", "Define MATRIX_ROLE_WWW_STATIC",
        "MaxRequestWorkers 250",
    ]  # fmt: skip


def test_who_gets_traffic_is_read_from_a_text_however_it_is_written() -> None:
    serving = reflector("httpd").serving
    assert serving(made("httpd", MATRIX)[0].content.decode()) == {
        "balancer://ps": frozenset({"10.0.0.1", "10.0.0.3"}),
        "balancer://api.v2": frozenset({"2001:db8::1"}),
    }
    members = "BalancerMember \\\n http://x\nBalancerMember http://y status=+D\n"
    by_hand = f"<VirtualHost *>\n<proxy 'balancer://a'>\n{members}</Proxy>\n</VirtualHost>"
    assert serving(by_hand) == {"balancer://a": frozenset({"x"})}
    for broken in ("<Proxy balancer://a>\n", "</Proxy>\n", "<Proxy x\n"):
        with pytest.raises(EmitterError, match="httpd: "):
            serving(broken)


@pytest.mark.needs("apache2ctl")
def test_hostile_text_stays_text_or_is_refused_by_name(apache: Apache) -> None:
    accepted = []
    for number, text in enumerate(HOSTILE):
        head = f"[r{number}] httpd.name=n{number} httpd.env={quoted('V=' + text)} httpd.allow={quoted(f'/{text} h')}\n"
        if "\n" in text or "\t" in text or "${" in text:
            with pytest.raises(EmitterError, match=f"host h in role r{number}: httpd"):
                made("httpd", f"{head}  h 10.0.0.1 [httpd]\n")
        elif " " not in text:
            accepted.append((number, text, head))
    reasons = [f"    m{number} 10.0.1.{number} [WARN: {quoted(text)}]\n" for number, text in enumerate(HOSTILE)]
    found = only(
        "httpd",
        "".join(head for *_, head in accepted)
        + f'[ps] port=80\n{"".join(reasons)}[w] httpd.name=w httpd.proxy="/ ps"\n'
        + "h 10.0.0.1 [httpd] [w] "
        + " ".join(f"[r{number}]" for number, *_ in accepted)
        + "\n",
    )
    assert errors(found) == []
    result = apache.check(found)
    assert (result.returncode, result.stderr) == (0, "Syntax OK\n")
    tree = parse_httpd(found.content.decode())
    assert {one.words[0] for one in tree} == {"Define", "Proxy", "VirtualHost"}
    assert parse_httpd(apache.understood(found)) == [one for one in tree if one.words[0] != "Define"]
    sites = [one for one in tree if one.words[0] == "VirtualHost"]
    assert len(accepted) > 12
    assert [site.all("SetEnv")[0].words for site in sites[1:]] == [("SetEnv", "V", text) for _, text, _ in accepted]
    assert [site.all("Location")[0].words for site in sites[1:]] == [
        ("Location", f"/{text}") for _, text, _ in accepted
    ]
    (pool,) = (one for one in tree if one.words[0] == "Proxy")
    assert len(pool.block or ()) == len(HOSTILE) + 1


@settings(deadline=None)
@given(st.text())
def test_any_text_is_one_argument_or_refused(text: str) -> None:
    try:
        spelled = HTTPD.literal(text)
    except EmitterError:
        assert "${" in text or any(ord(letter) < 32 or letter == "\x7f" for letter in text)
        return
    (one, two) = parse_httpd(f"<Location {spelled}>\n  SetEnv X {spelled}\n</Location>\nEnd\n")
    assert one.words == ("Location", text)
    assert [inner.words for inner in one.block or ()] == [("SetEnv", "X", text)]
    assert two.words == ("End",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[w] httpd.name=a httpd.proxy="/ pss"\n', "httpd.proxy: unknown role pss"),
        ('[w] httpd.name=a httpd.proxy="ps"\n', "httpd.proxy is 'ps'; write \"/PATH ROLE\""),
        ('[w] httpd.name=a httpd.allow="/x admin"\n', "httpd.allow: unknown name admin"),
        ('[w] httpd.name=a httpd.allow="/x"\n', "httpd.allow is '/x'; write \"/PATH SELECTOR\""),
        ('[w] httpd.name="a b"\n', "httpd.name is 'a b', not the name of a server"),
        ("[w] httpd.name=a httpd.port=99999\n", "httpd.port is '99999', not a port"),
        ("[w] httpd.name=a httpd.root=www\n", "httpd.root is 'www', not an absolute path"),
        ("[w] httpd.name=a httpd.env=X\n", "httpd.env is 'X'; write NAME=value"),
        ('[w] httpd.name=a httpd.proxy="/ ps"\n', "role ps: httpd has nothing like sched=sh"),
    ],
)
def test_what_is_wrong_is_refused_by_host_role_and_property(text: str, message: str) -> None:
    rest = "    h 10.0.0.1 [httpd]\n[ps] port=80 sched=sh\n    m 10.0.0.2\n"
    with pytest.raises(EmitterError, match=message):
        made("httpd", "@property httpd.port text\n" + text + rest)


def test_a_name_of_two_virtual_hosts_and_a_weight_beyond_httpd_are_errors() -> None:
    text = '[a] httpd.name=x httpd.proxy="/ ps"\n[b] httpd.name=X\nh 10.0.0.1 [a] [b] [httpd]\n'
    text += "[ps] port=80\n  m 10.0.0.2 weight=101\n"
    assert errors(only("httpd", text)) == [
        "role ps: the weight 101 of m is beyond httpd's 100",
        "2 virtual hosts on *:80 are called x",
    ]


def test_a_pool_without_a_host_in_the_site_is_refused_unless_all_sites_count() -> None:
    text = '@site a\n[w] httpd.name=x httpd.proxy="/ ps"\n  h 10.0.0.1 [httpd]\n@site b\n[ps] port=80\n  m 10.0.0.2\n'
    with pytest.raises(EmitterError, match=r"role w hands on to ps, which has no host in site a; pool\.scope=all"):
        made("httpd", text)
    everywhere = only("httpd", text.replace("@site a\n", "[ps] pool.scope=all\n@site a\n"))
    assert "http://10.0.0.2:80" in everywhere.content.decode()


@pytest.mark.needs("apache2ctl")
def test_the_check_refuses_what_apache_refuses(apache: Apache) -> None:
    good = made("httpd", MATRIX)[0]
    for content in (good.content + b"NoSuchWord\n", good.content + b"<Location /x>\n"):
        assert apache.check(dataclasses.replace(good, content=content)).returncode != 0
