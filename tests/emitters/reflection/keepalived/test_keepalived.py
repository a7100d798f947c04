"""keepalived: what the MATRIX says becomes virtual servers, and the real keepalived takes every text."""

from __future__ import annotations

from pathlib import Path

import pytest
from balancing import PAIR, balanced, keepalived_says, members, server, value
from reflecting import errors, lines_that_differ, made

from matrix_emitters import EmitterError
from matrix_grammar.reading import load
from matrix_sources.keepalived import parse_keepalived

REPOSITORY = Path(__file__).parents[4]


def test_a_role_with_a_vip_is_a_virtual_server_of_its_hosts() -> None:
    found = server(
        balanced("[ps] vip=203.0.113.80:80\n  w[1-2] 10.6.1.[1-2] weight=[3-4]\n  w3 10.6.1.3\n"), "203.0.113.80"
    )
    assert {name: value(one, "weight") for name, one in members(found).items()} == {
        "10.6.1.1 80": "3",
        "10.6.1.2 80": "4",
        "10.6.1.3 80": "1",
    }


@pytest.mark.parametrize(
    ("properties", "path", "expected"),
    [
        ("", "lvs_sched", "wlc"),
        ("sched=sh", "lvs_sched", "sh"),
        ("", "lvs_method", "DR"),
        ("fwd=tun", "lvs_method", "TUN"),
        ("proto=udp", "protocol", "UDP"),
        ("", "delay_loop", "10"),
        ("check.every=1m30s", "delay_loop", "90"),
        ("check.every=500ms", "delay_loop", "0.5"),
        ("", "persistence_timeout", ""),
        ("persist=5m", "persistence_timeout", "300"),
        ("persist=5m persist.prefix=20", "persistence_granularity", "255.255.240.0"),
        ("quorum=2", "quorum", "2"),
        ("quorum=2 hysteresis=1", "hysteresis", "1"),
        ("sorry=10.6.9.9:80", "sorry_server", "10.6.9.9 80"),
        ("sorry=\"[2001:db8::9]:80\"", "sorry_server", ""),
    ],
)  # fmt: skip
def test_properties_of_the_role_are_directives_of_its_virtual_server(
    properties: str, path: str, expected: str, tmp_path: Path
) -> None:
    found = balanced(f"[ps] vip=203.0.113.80:80 {properties}\n  w[1-2] 10.6.1.[1-2]\n")
    assert value(server(found, "203.0.113.80"), path) == expected
    assert not errors(found)
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_failed_member_stays_at_weight_0_where_that_is_asked_for() -> None:
    assert "inhibit_on_failure" not in balanced("[ps] vip=203.0.113.80:80\n  w1 10.6.1.1\n").content.decode()
    found = server(balanced("[ps] vip=203.0.113.80:80 inhibit=true\n  w1 10.6.1.1\n"), "203.0.113.80")
    assert len(found.each("inhibit_on_failure")) == 1


def test_properties_given_once_for_each_vip_go_with_them_one_by_one() -> None:
    found = balanced(
        "[ps] vip=203.0.113.80:80 vip=203.0.113.80:25 check=http:/a check=smtp persist=1m\n  w1 10.6.1.1\n"
    )
    web, mail = server(found, "203.0.113.80"), server(found, "203.0.113.80", 25)
    assert members(web)["10.6.1.1 80"].each("HTTP_GET")
    assert members(mail)["10.6.1.1 25"].each("SMTP_CHECK")
    assert value(web, "persistence_timeout") == value(mail, "persistence_timeout") == "60"


def test_stop_is_taken_out_and_warn_stays_and_is_flagged() -> None:
    text = "[ps] vip=203.0.113.80:80\n  w1 10.6.1.1\n  w2 10.6.1.2 {}\n"
    assert list(members(server(balanced(text.format("[STOP: disk]")), "203.0.113.80"))) == ["10.6.1.1 80"]
    assert list(members(server(balanced(text.format("[ps STOP]")), "203.0.113.80"))) == ["10.6.1.1 80"]
    warned = balanced(text.format("[WARN: fan]"))
    assert list(members(server(warned, "203.0.113.80"))) == ["10.6.1.1 80", "10.6.1.2 80"]
    assert "real_server 10.6.1.2 80 { # w2 [WARN]" in warned.content.decode()


def test_a_state_of_the_sites_own_counts_as_it_was_declared() -> None:
    found = balanced('@state DRAIN out ""\n[ps] vip=203.0.113.80:80\n  w1 10.6.1.1\n  w2 10.6.1.2 [DRAIN]\n')
    assert list(members(server(found, "203.0.113.80"))) == ["10.6.1.1 80"]


def test_members_of_an_ipv6_vip_have_their_ipv6_address(tmp_path: Path) -> None:
    found = balanced('[ps] vip=203.0.113.80:80 vip="[2001:db8::80]:80"\n  w1 10.6.1.1 2001:db8:1::1\n  w2 10.6.1.2\n')
    assert list(members(server(found, "2001:db8::80"))) == ["2001:db8:1::1 80"]
    assert [finding.message for finding in found.findings] == [
        "role ps, VIP [2001:db8::80]:80: without w2: no IPv6 address"
    ]
    assert keepalived_says(found, tmp_path).returncode == 0


def test_a_tag_puts_a_host_behind_one_vip_alone() -> None:
    found = balanced(
        "[ps] vip=203.0.113.80:80 vip=203.0.113.81:80\n  w1 10.6.1.1\n  w2 10.6.1.2 [ps vip=203.0.113.81:80]\n"
    )
    assert list(members(server(found, "203.0.113.80"))) == ["10.6.1.1 80"]
    assert list(members(server(found, "203.0.113.81"))) == ["10.6.1.1 80", "10.6.1.2 80"]


def test_with_nat_members_may_serve_on_another_port(tmp_path: Path) -> None:
    found = balanced("[ps] vip=203.0.113.80:80 fwd=nat port=8080\n  w1 10.6.1.1\n  w2 10.6.1.2 port=8081\n")
    assert list(members(server(found, "203.0.113.80"))) == ["10.6.1.1 8080", "10.6.1.2 8081"]
    assert not errors(found)
    assert keepalived_says(found, tmp_path).returncode == 0


def test_where_nobody_is_in_service_the_sorry_server_answers_and_the_file_stays_valid(tmp_path: Path) -> None:
    text = "[ps] vip=203.0.113.80:80 {}\n  w1 10.6.1.1 [STOP]\n[db] vip=203.0.113.90:3306\n  d1 10.6.3.1\n"
    sorry = balanced(text.format("sorry=10.6.9.9:80"))
    assert list(members(server(sorry, "203.0.113.80"))) == ["10.6.9.9 80"]
    nobody = balanced(text.format(""))
    assert len(parse_keepalived(nobody.content.decode()).each("virtual_server")) == 1
    for found in (sorry, nobody):
        assert not errors(found)
        assert "no member is in service" in found.findings[0].message
        result = keepalived_says(found, tmp_path)
        assert result.returncode == 0, result.stderr


def test_a_load_balancer_has_the_vips_of_its_site_and_those_of_all_sites() -> None:
    found = made(
        "keepalived",
        "[lv] vrid=1 dev=vlan77\n[dns] vip=203.0.113.53:53 proto=udp\n"
        "@site tky1\n[ps] vip=203.0.113.80:80\n  lv1 10.0.0.1 [lv]\n  w1 10.6.1.1 [dns]\n"
        "@site osk1\n[ps] vip=198.51.100.80:80\n  lv2 10.1.0.1 [lv]\n  w2 10.7.1.1 [ps] [dns]\n",
    )
    tokyo, osaka = (
        [one.arguments[0] for one in parse_keepalived(f.content.decode()).each("virtual_server")] for f in found
    )
    assert tokyo == ["203.0.113.53", "203.0.113.80"]
    assert osaka == ["203.0.113.53", "198.51.100.80"]
    assert list(members(server(found[0], "203.0.113.53", 53))) == ["10.6.1.1 53", "10.7.1.1 53"]


def test_the_balancer_of_a_role_is_whom_its_selector_names() -> None:
    one, two = made("keepalived", PAIR + "[ps] vip=203.0.113.80:80 balancer=lv2\n  w1 10.6.1.1\n")
    assert "203.0.113.80" not in one.content.decode()
    assert errors(one) == ["no virtual_server: the balancer would serve nothing"]
    assert server(two, "203.0.113.80")


def test_scripts_are_run_as_the_user_of_the_settings(tmp_path: Path) -> None:
    found = balanced('[ps] vip=203.0.113.80:80 check="misc:/bin/true x"\n  w1 10.6.1.1\n', script_user="nobody")
    (head,) = parse_keepalived(found.content.decode()).each("global_defs")
    assert value(head, "script_user") == "nobody"
    assert keepalived_says(found, tmp_path).returncode == 0


def test_what_only_this_site_has_is_included_and_must_be_there(tmp_path: Path) -> None:
    local = tmp_path / "local.conf"
    found = balanced("[ps] vip=203.0.113.80:80\n  w1 10.6.1.1\n", include=str(local))
    assert keepalived_says(found, tmp_path).returncode != 0
    local.write_text("global_defs {\n  smtp_connect_timeout 5\n}\n")
    assert keepalived_says(found, tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("sched=wlcc", r"role ps, VIP 203.0.113.80:80: sched is 'wlcc', which is no scheduler; did you mean wlc\?"),
        ("check=htp:/x", "role ps, VIP 203.0.113.80:80: check is 'htp:/x'; write http:/PATH"),
        ("check=http:alive", "check is 'http:alive'"),
        ("check=tcp:99999", "check is 'tcp:99999'"),
        ("check.status=ok check=http:/", "check.status is 'ok'; write codes and ranges"),
        ("check.every=0s", "check.every is not between 1ms and 1d"),
        ("persist=1500ms", "persist is not in whole seconds up to 31d"),
        ("persist=32d", "persist is not in whole seconds up to 31d"),
        ("persist=1m persist.prefix=64", "persist.prefix is 64, not a whole number from 1 to 32"),
        ("sched=rr sched=wrr", "there are 2 values of sched; give it once, or once for each vip"),
        ("balancer=lvv", r"role ps, VIP 203.0.113.80:80: balancer is 'lvv'.*unknown name lvv"),
        ('vip.dev="eth0 x"', "vip.dev is 'eth0 x', which is no name of an interface"),
    ],
)
def test_what_keepalived_would_misread_is_refused_by_role_and_property(properties: str, message: str) -> None:
    with pytest.raises(EmitterError, match=message):
        balanced(f"[ps] vip=203.0.113.80:80 {properties}\n  w1 10.6.1.1\n")


def test_an_unknown_role_of_load_balancers_says_where_it_is_set() -> None:
    with pytest.raises(EmitterError, match=r"reflect.keepalived.hosts is 'lb'.*\[reflect.keepalived\] in matrix.toml"):
        made("keepalived", PAIR, hosts="lb")


def test_the_header_says_what_it_is_and_the_same_fleet_gives_the_same_bytes() -> None:
    text = PAIR + "[ps] vip=203.0.113.80:80\n  w1 10.6.1.1\n"
    one, two = made("keepalived", text), made("keepalived", text)
    assert [found.content for found in one] == [found.content for found in two]
    assert one[0].content.startswith(b"# MATRIX generation 7, digest ")


@pytest.mark.parametrize("line", [1, 2, 3])
def test_one_host_more_changes_its_own_lines_only(line: int) -> None:
    hosts = [f"  w{number} 10.6.1.{number} weight={number}" for number in (1, 3, 5)]
    before = balanced("[ps] vip=203.0.113.80:80 check=tcp\n" + "\n".join(hosts) + "\n")
    hosts.insert(line - 1, "  w9 10.6.1.9 weight=9")
    after = balanced("[ps] vip=203.0.113.80:80 check=tcp\n" + "\n".join(hosts) + "\n")
    gone, new = lines_that_differ(before, after)
    assert gone == []
    assert new == ["    real_server 10.6.1.9 80 { # w9", "        weight 9"]
    assert len(after.content.splitlines()) - len(before.content.splitlines()) == 8


def test_the_example_passes_on_both_load_balancers(tmp_path: Path) -> None:
    from matrix_emitters.reflection import reflect
    from matrix_emitters.reflection.model import entries

    (entry,) = (one for one in entries({}) if one.name == "keepalived")
    found = reflect(load(REPOSITORY / "examples" / "MATRIX"), 7, entry)
    assert [one.hosts for one in found] == [("lv1",), ("lv2",)]
    for one in found:
        assert not one.findings
        result = keepalived_says(one, tmp_path)
        assert result.returncode == 0, result.stderr
