"""Whatever the MATRIX: a text in which our own checks find no error passes the real program's check."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from apache import Apache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matrix_parts import require
from reflecting import checked, entry_of, errors

from matrix_emitters import EmitterError
from matrix_emitters.reflection import reflect
from matrix_grammar.reading import reads

NEEDS = {
    "hosts": "grep", "ssh_config": "ssh", "known_hosts": "ssh-keygen", "zone": "named-checkzone", "nginx": "nginx",
    "haproxy": "haproxy", "httpd": "apache2ctl",
}  # fmt: skip
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfkNV4OS33ImTXvorZr72q4v5XhVEQKfvqsxOEJ/XaR"

names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,6}(?:\.[A-Za-z0-9-]{1,5}){0,2}", fullmatch=True)
sites = st.lists(
    st.sampled_from(
        [
            'httpd.proxy="/ ps"', 'httpd.proxy="/d db" httpd.proxy="/p/ ps"', 'httpd.allow="/ ps"',
            'httpd.allow="/x db,b"', "httpd.port=8080", "httpd.root=/nowhere", 'httpd.env="A=b \\"c"',
            "httpd.include=/nowhere/*.conf", "httpd.name=*.example.jp", "httpd.max_workers=1", "httpd.timeout=1",
        ]
    ), max_size=5, unique_by=lambda fact: fact.partition("=")[0],
)  # fmt: skip
states = st.sampled_from(["", "", "[WARN: x]", "[STOP: y]"])
roles = st.lists(
    st.sampled_from(["[ps]", "[ps weight=0]", "[ps WARN: z]", "[db.main]", "[mx]"]),
    max_size=3,
    unique_by=lambda t: t[:3],
)
facts = st.lists(
    st.sampled_from(
        [
            "weight=7", "weight=300", "alias=a.b", "dns.mx=5", "ssh.port=2222", "ssh.user=\"o'neill #\"", "port=8080",
            f'ssh.hostkey="{KEY}"', "metrics.port=9100", "nginx.backup=true", "nginx.fail_timeout=1h30m",
            "nginx.max_fails=0", "haproxy.maxconn=1", "haproxy.send_proxy=true", 'dns.txt="a;b"', "check=none",
        ]
    ), max_size=4, unique_by=lambda fact: fact.partition("=")[0],
)  # fmt: skip
headers = st.lists(
    st.sampled_from(
        [
            "sched=wlc", "sched=sh", "check=http:/a", "check=smtp", "check=tcp:99", "persist=90s", "sorry=10.9.9.9:80",
            "port=81", "nginx.method=random", "nginx.keepalive=1", "vip.name=v", "haproxy.mode=http", "check.retries=0",
            "check.every=1500ms", "check.host=h", "pool.scope=all", 'vip="[2001:db8::80]:80"', "vip=203.0.113.9:443",
            "haproxy.balance=uri", "httpd.scheme=https", "httpd.scheme=fcgi", "httpd.lbmethod=bytraffic",
            "httpd.sticky=S|s",
        ]
    ), max_size=5, unique_by=lambda fact: fact.partition("=")[0],
)  # fmt: skip


@st.composite
def matrices(draw: st.DrawFn) -> str:
    """Most of them without a mistake; those with one never come to be reflected."""
    db = draw(headers.filter(lambda facts: not any(fact.startswith(("vip=", "port=")) for fact in facts)))
    lines = ["@domain example.jp", "@site tky1", "[infra]"]
    lines += ["    b  10.250.0.1  [dns]  [nginx]  [haproxy]  [httpd]  [www]"]
    lines += [f"[www]  httpd.name=www  {' '.join(draw(sites))}"]
    lines += [f"[ps]  vip=203.0.113.80:80  nginx.upstream=pages  {' '.join(draw(headers))}"]
    lines += [f"    base1  10.250.0.2  {' '.join(draw(facts))}"]
    lines += [f"[db]  port=82  nginx.upstream=db  {' '.join(db)}", f'    base2  2001:db8:250::2  ssh.hostkey="{KEY}"']
    for number, name in enumerate(draw(st.lists(names, max_size=6, unique_by=str.lower))):
        address = draw(
            st.sampled_from([f"10.0.0.{number}", f"2001:db8::{number}", "-", f"10.0.0.{number} 2001:db8::{number}"])
        )
        lines.append(" ".join([name, address, *draw(roles), draw(states), *draw(facts)]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_what_our_checks_let_pass_the_program_accepts(name: str) -> None:
    require(NEEDS[name])
    asked = 0

    @settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
    @given(text=matrices())
    def ask(text: str) -> None:
        nonlocal asked
        fleet = reads(text).fleet
        if fleet is None:
            return
        try:
            (found,) = reflect(fleet, 7, entry_of(name))
        except EmitterError:  # refused by name, which the tests of each built-in demand
            return
        if not errors(found):
            asked += 1
            with TemporaryDirectory() as folder:
                result = Apache(Path(folder)).check(found) if name == "httpd" else checked(found, Path(folder))
            assert result.returncode == 0, result.stdout + result.stderr + found.content.decode()

    ask()
    assert asked > 2
