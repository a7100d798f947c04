"""Values that built-in properties cannot have are told where they stand, each with what was most likely meant."""

from __future__ import annotations

import pytest

from matrix_grammar.diagnostics import Diagnostic
from matrix_grammar.model import property_table
from matrix_grammar.reading import reads
from matrix_grammar.value_forms import form_check

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfkNV4OS33ImTXvorZr72q4v5XhVEQKfvqsxOEJ/XaR"

VALUES = [
    ("sched", "wcl", "wcl is no scheduler", "did you mean wlc?"),
    ("sched", "rr1", "rr1 is no scheduler", "did you mean rr?"),
    ("sched", "RR", "RR is no scheduler", "did you mean rr?"),
    ("check", "tcpp", "tcpp is no check", "did you mean tcp?"),
    ("check", "TCP", "TCP is no check", "did you mean tcp?"),
    ("check", "tpc:3306", "tpc:3306 is no check", "did you mean tcp:3306?"),
    ("check", "http//alive.html", "http//alive.html is no check", "write http:/PATH"),
    ("check", "https:alive", "https:alive is no check", "did you mean https:/alive?"),
    ("check", "http://alive.html", "begins its path with two slashes", "did you mean http:/alive.html?"),
    ("check", "tcp:80000", "80000 is not a port", "a port is 1..65535"),
    ("check", "htpp:8080/x", "htpp:8080/x is no check", "did you mean http:8080/x?"),
    ("check.status", "2OO", "2OO is no list of HTTP status codes", "200-299"),
    ("check.host", "www.example..jp", "is no host name", "letters, digits"),
    ("check.helo", "a_b c", "is no host name", "letters, digits"),
    ("balancer", "wbe", "unknown name wbe", "did you mean web?"),
    ("vip.dev", "eth0/1", "eth0/1 is no interface", "15 letters"),
    ("dev", "bond0.1234567890123", "is no interface", "15 letters"),
    ("alias", "old w1", "old w1 is no host name", "letters, digits"),
    ("alias", "a" * 64, "is too long for DNS", "63"),
    ("vip.name", "www,", "www, is no host name", "letters, digits"),
    ("ssh.user", "root ", "root  is no user", "no blanks"),
    ("ssh.hostkey", KEY[:60], "it is cut off or mistyped", ".pub file"),
    ("ssh.hostkey", KEY.replace("ssh-ed25519", "ssh-rsa"), "it is one of type ssh-ed25519", ".pub file"),
    ("ssh.hostkey", "SHA256:abc", "43 letters", ".pub file"),
    ("ssh.jump", "w2", "unknown host w2", ""),
    ("metrics.path", "metrics", "is no path", "begins with /"),
    ("nginx.method", "leastconn", "is no method of nginx", "least_conn"),
    ("haproxy.balance", "round-robin", "is no algorithm of HAProxy", "did you mean roundrobin?"),
    ("httpd.name", "www example", "is no host name", "letters, digits"),
    ("httpd.root", "var/www", "is no absolute path", "begins with /"),
    ("httpd.proxy", "/ wbe", "unknown role wbe", "did you mean web?"),
    ("httpd.proxy", "web", "is not a path and a role", '"/PATH ROLE"'),
    ("httpd.allow", "/status wbe", "unknown name wbe", "did you mean web?"),
    ("httpd.env", "A-B=c", "sets no variable", '"NAME=value"'),
    ("httpd.scheme", "htps", "is no scheme of httpd", "did you mean https"),
    ("httpd.lbmethod", "byrequest", "is no method of httpd", "did you mean byrequests?"),
    ("httpd.sticky", "a b", "is no cookie", "letters, digits"),
]


def only(text: str) -> Diagnostic:
    (found,) = reads(text).diagnostics
    return found


@pytest.mark.parametrize(("key", "value", "message", "cure"), VALUES)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_value_that_a_built_in_property_cannot_have(
    key: str, value: str, message: str, cure: str, quoted: bool
) -> None:
    if not quoted and " " in value:
        return
    written = f'"{value}"' if quoted else value
    line = f"[web]  {key}={written}"
    found = only(f"{line}\n    w1  10.0.0.1\n")
    assert (found.code, found.severity, found.place.line) == ("M066", "warning", 1)
    assert line[found.place.column - 1 : found.place.end - 1] == written
    assert message in found.message
    assert found.message.endswith(": the next release refuses it")
    assert cure in found.cure
    kept = f"@property {key} text{' list' * property_table().types[key].is_list}"
    assert found.hint == f"to keep it, put into the MATRIX: {kept}"
    assert reads(f"{kept}\n{line}\n    w1  10.0.0.1\n").diagnostics == ()


def test_the_notice_of_a_value_has_the_line_to_paste() -> None:
    (notice,) = reads("[web] check=tcpp\n    w1  10.0.0.1\n").notices
    assert str(notice) == (
        "the next release refuses MATRIX:1:13: M066: check: tcpp is no check; to allow it, put into the MATRIX: "
        "@property check text"
    )


def test_many_values_with_one_cure_are_one_notice() -> None:
    hosts = "".join(f'    w{n}  10.0.0.{n}  ssh.user="a b"\n' for n in range(1, 6))
    reading = reads(f"[web] check=tcpp\n{hosts}")
    assert len(reading.warnings) == 6
    assert [notice.cause for notice in reading.notices] == [
        "M066: check: tcpp is no check",
        "M066: ssh.user: a b is no user (and in 4 more places)",
    ]


RIGHT = [
    "sched=rr sched=mh", "check=tcp check=none", "check=http:8080/a?b=c check=smtp:2525", "check.host=10.0.0.1",
    'check="misc:/usr/lib/check -x 1" check=https:/', 'check.status="200-299 301"', "balancer=web&UP vip.dev=eth0.10",
    "alias=a alias=old.example.jp.", "ssh.user=DOMAIN\\admin", "ssh.user=o_brien@example.jp", 'ssh.hostkey="SHA256:'
    + "A" * 43 + '"', f'ssh.hostkey="{KEY} comment"', "ssh.jump=none", "ssh.jump=W1", 'sched="" check=""',
    'nginx.method="hash $uri consistent"', 'httpd.name=*.example.jp httpd.proxy="/ web" httpd.allow="/s web!w1"',
    "vip.name=w[1-1]", 'check.host="2001:db8::1"',
]  # fmt: skip


@pytest.mark.parametrize("written", RIGHT)
def test_what_is_unusual_and_right(written: str) -> None:
    vips = "vip=192.0.2.1:80 vip=192.0.2.1:81"
    assert reads(f"[web] {vips} {written}\n    w1  10.0.0.1\n").diagnostics == ()


def test_values_are_held_to_their_form_wherever_they_stand() -> None:
    text = (
        "@default ssh.user=\"a b\"\n[web] check=tcp\n    w[1-3]  10.0.0.[1-3]  alias=x[1-2,?]\n    w4  10.0.0.4  "
        "[web check=tcpp]  # check=no\n      sched=wcl\n    w5 10.0.0.5 \"sched=no\"\n"
    )  # fmt: skip
    assert [(d.code, d.place.line) for d in reads(text).diagnostics] == [
        ("M066", 1),
        ("M023", 3),
        ("M066", 4),
        ("M066", 5),
    ]
    ranged = reads("[web]\n    w[1-3]  10.0.0.[1-3]  alias=x[a-c].y,z\n").diagnostics
    assert [(d.code, d.message[:17]) for d in ranged] == [("M066", f"alias: x{n}.y,z is no host"[:17]) for n in "abc"]


def test_the_texts_that_are_looked_at_for_values_are_those_that_can_have_one() -> None:
    table = property_table()
    assert set(table.forms) <= set(table.types)
    assert all(f"{key}=".startswith(table.families) for key in table.forms)
    assert all(form_check(form) for form in table.forms.values())
