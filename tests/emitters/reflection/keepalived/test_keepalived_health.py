"""keepalived: how the members of a VIP are checked, as the MATRIX says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from balancing import balanced, keepalived_says, members, server, value


@pytest.mark.parametrize(
    ("check", "checker", "path", "expected"),
    [
        ("http:/alive.html?x=1&y='{}'!#", "HTTP_GET", ("url", "path"), "/alive.html?x=1&y='{}'!#"),
        ("http:8080/", "HTTP_GET", ("connect_port",), "8080"),
        ("http:443/", "SSL_GET", ("connect_port",), "443"),
        ("https:/x", "SSL_GET", ("url", "path"), "/x"),
        ("tcp", "TCP_CHECK", ("connect_port",), ""),
        ("tcp:81", "TCP_CHECK", ("connect_port",), "81"),
        ("smtp:25", "SMTP_CHECK", ("connect_port",), "25"),
        ("misc:/bin/alive 'a b' -x {1}", "MISC_CHECK", ("misc_path",), "/bin/alive 'a b' -x {1}"),
        ("misc:/bin/alive", "MISC_CHECK", ("misc_timeout",), "3"),
        ("tcp", "TCP_CHECK", ("connect_timeout",), "3"),
        ("tcp", "TCP_CHECK", ("retry",), "2"),
        ("tcp", "TCP_CHECK", ("delay_before_retry",), "1"),
    ],
)
def test_a_check_is_a_health_checker_of_every_member(
    check: str, checker: str, path: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    found = balanced(f'[ps] vip=203.0.113.80:80 check="{check}"\n  w[1-2] 10.6.1.[1-2]\n')
    for member in members(server(found, "203.0.113.80")).values():
        assert value(member, checker, *path) == expected
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


def test_what_a_check_asks_for_can_be_said_more_closely(tmp_path: Path) -> None:
    found = balanced(
        "[ps] vip=203.0.113.80:443 check=http:/x check.host=www.example.jp check.retries=0 check.timeout=1500ms\n"
        '  check.pause=2s check.status="200-299 301"\n  w1 10.6.1.1\n'
        "[mx] vip=203.0.113.81:25 check=smtp check.helo=lv.example.jp\n  m1 10.6.2.1\n"
    )
    (web,) = members(server(found, "203.0.113.80", 443)).values()
    assert value(web, "SSL_GET", "url", "virtualhost") == "www.example.jp"
    assert value(web, "SSL_GET", "url", "status_code") == "200-299 301"
    assert [value(web, "SSL_GET", key) for key in ("retry", "connect_timeout", "delay_before_retry")] == [
        "0",
        "1.5",
        "2",
    ]
    assert len(web.each("SSL_GET")[0].each("enable_sni")) == 1
    (mail,) = members(server(found, "203.0.113.81", 25)).values()
    assert value(mail, "SMTP_CHECK", "helo_name") == "lv.example.jp"
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_host_may_be_checked_in_its_own_way_or_not_at_all() -> None:
    found = balanced("[ps] vip=203.0.113.80:80\n  w1 10.6.1.1 check=none\n  w2 10.6.1.2 [ps check=tcp:81]\n")
    one, two = members(server(found, "203.0.113.80")).values()
    assert [statement.keyword for statement in one.block or ()] == ["weight"]
    assert value(two, "TCP_CHECK", "connect_port") == "81"
