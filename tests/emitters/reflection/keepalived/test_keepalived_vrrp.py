"""VRRP: who is master of which VIPs, and what a change of one load balancer leaves alone in the others' files."""

from __future__ import annotations

from pathlib import Path

import pytest
from balancing import PAIR, instances, keepalived_says, value, words
from reflecting import entry_of, errors, made

from matrix_emitters import EmitterError
from matrix_emitters.reflection import apply_order, reflect
from matrix_emitters.reflection.model import body
from matrix_grammar.reading import loads
from matrix_sources.keepalived import parse_keepalived

PS = "[ps] vip=203.0.113.80:80\n  w1 10.6.1.1 2001:db8:1::1\n"


def ranks(text: str) -> list[tuple[str, int]]:
    """State and priority on each load balancer, in the order of the MATRIX."""
    found = []
    for one in made("keepalived", text):
        (instance,) = instances(one).values()
        found.append((value(instance, "state"), int(value(instance, "priority"))))
    return found


def pair(first: str = "", second: str = "", header: str = "vrid=10 dev=vlan77") -> str:
    return f"[lv] {header}\n  lv1 10.6.0.11 2001:db8:6::11 {first}\n  lv2 10.6.0.12 2001:db8:6::12 {second}\n{PS}"


def test_the_master_is_who_has_the_role_and_the_backup_follows() -> None:
    assert ranks(PAIR + PS) == [("MASTER", 150), ("BACKUP", 100)]
    assert ranks(pair("[lv.backup]", "[lv.master]")) == [("BACKUP", 100), ("MASTER", 150)]


def test_without_such_a_role_the_first_or_the_highest_priority_is_master() -> None:
    assert ranks(pair()) == [("MASTER", 100), ("BACKUP", 99)]
    assert ranks(pair("priority=10", "[lv priority=20]")) == [("BACKUP", 10), ("MASTER", 20)]


def test_a_load_balancer_out_of_service_hands_over_and_the_others_file_stays_as_it_was() -> None:
    before, after = made("keepalived", pair("[lv.master]")), made("keepalived", pair("[lv.master] [STOP: memory]"))
    (instance,) = instances(after[0]).values()
    assert (value(instance, "state"), value(instance, "priority")) == ("BACKUP", "50")
    assert body(before[1].content) == body(after[1].content)
    assert ranks(pair("priority=200 [STOP]", "[STOP]")) == [("BACKUP", 50), ("BACKUP", 49)]


def test_another_load_balancer_changes_no_file_of_the_present_ones() -> None:
    before = made("keepalived", pair("[lv.master]"))
    after = made("keepalived", pair("[lv.master]").replace(PS, f"  lv3 10.6.0.13\n{PS}"))
    assert [body(one.content) for one in before] == [body(one.content) for one in after[:2]]
    assert ranks(pair("[lv.master]").replace(PS, f"  lv3 10.6.0.13\n{PS}"))[2] == ("BACKUP", 99)


def test_vips_of_both_families_are_two_instances_that_move_together(tmp_path: Path) -> None:
    found = made(
        "keepalived", PAIR + '[ps] vip=203.0.113.80:80 vip="[2001:db8::80]:80"\n  w1 10.6.1.1 2001:db8:1::1\n'
    )[0]
    assert list(instances(found)) == ["vrid10-vlan77-ipv4", "vrid10-vlan77-ipv6"]
    (group,) = parse_keepalived(found.content.decode()).each("vrrp_sync_group")
    assert group.arguments == ("vrid10",)
    assert words(group, "group") == ["vrid10-vlan77-ipv4", "vrid10-vlan77-ipv6"]
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("vip", "name", "advertised", "prefix"),
    [
        ("203.0.113.80", "vrid10-vlan77-ipv4", "169.254.0.10/32 scope link", "32"),
        ("2001:db8::80", "vrid10-vlan77-ipv6", "fe80::200:5eff:fe00:20a/64", "128"),
    ],
)
def test_its_packets_speak_for_an_address_of_the_virtual_router(
    vip: str, name: str, advertised: str, prefix: str
) -> None:
    endpoint = f'"[{vip}]:80"' if ":" in vip else f"{vip}:80"
    found = instances(made("keepalived", PAIR + f"[ps] vip={endpoint}\n  w1 10.6.1.1 2001:db8:1::1\n")[0])
    assert words(found[name], "virtual_ipaddress") == [advertised]
    assert words(found[name], "virtual_ipaddress_excluded") == [f"{vip}/{prefix}"]


def test_no_change_of_the_vips_changes_what_is_advertised() -> None:
    one, two = (
        instances(made("keepalived", PAIR + f"[ps] {vips}\n  w1 10.6.1.1\n")[0])["vrid10-vlan77-ipv4"]
        for vips in ("vip=203.0.113.80:80", "vip=203.0.113.81:80 vip=203.0.113.82:443")
    )
    assert words(one, "virtual_ipaddress") == words(two, "virtual_ipaddress")
    assert words(two, "virtual_ipaddress_excluded") == ["203.0.113.81/32", "203.0.113.82/32"]


def test_vips_on_two_interfaces_are_two_instances_that_move_together(tmp_path: Path) -> None:
    text = PAIR + PS + "[gw] vip=10.6.0.1:53 vip.dev=vlan78 vip.prefix=24 proto=udp\n  g1 10.6.0.5\n"
    found = made("keepalived", text)[0]
    inside = instances(found)["vrid10-vlan78-ipv4"]
    assert words(inside, "virtual_ipaddress_excluded") == ["10.6.0.1/24"]
    assert value(inside, "virtual_router_id") == "10"
    (group,) = parse_keepalived(found.content.decode()).each("vrrp_sync_group")
    assert words(group, "group") == ["vrid10-vlan77-ipv4", "vrid10-vlan78-ipv4"]
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


def test_each_load_balancer_may_be_master_of_some_vips(tmp_path: Path) -> None:
    text = PAIR + PS + "[db] vip=203.0.113.90:3306 vrid=11 vip.master=lv2\n  d1 10.6.3.1\n"
    one, two = made("keepalived", text)
    states = [{name: value(i, "state") for name, i in instances(found).items()} for found in (one, two)]
    assert states == [
        {"vrid10-vlan77-ipv4": "MASTER", "vrid11-vlan77-ipv4": "BACKUP"},
        {"vrid10-vlan77-ipv4": "BACKUP", "vrid11-vlan77-ipv4": "MASTER"},
    ]
    assert not errors(one)
    assert keepalived_says(one, tmp_path).returncode == 0


def test_who_is_not_to_take_the_vips_back_starts_as_a_backup(tmp_path: Path) -> None:
    found = made("keepalived", pair("[lv.master]", header="vrid=10 dev=vlan77 preempt=false"))[0]
    (instance,) = instances(found).values()
    assert (value(instance, "state"), len(instance.each("nopreempt"))) == ("BACKUP", 1)
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


def test_without_multicast_they_talk_by_address(tmp_path: Path) -> None:
    text = pair("[lv.master]", header="vrid=10 dev=vlan77 unicast=true advert=3")
    text = text.replace("vip=203.0.113.80:80", 'vip=203.0.113.80:80 vip="[2001:db8::80]:80"')
    found = made("keepalived", text)[1]
    four, six = instances(found).values()
    assert (value(four, "unicast_src_ip"), words(four, "unicast_peer")) == ("10.6.0.12", ["10.6.0.11"])
    assert (value(six, "unicast_src_ip"), words(six, "unicast_peer")) == ("2001:db8:6::12", ["2001:db8:6::11"])
    assert value(four, "advert_int") == "3"
    result = keepalived_says(found, tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_load_balancer_alone_has_no_peers(tmp_path: Path) -> None:
    found = made("keepalived", f"[lv] vrid=10 dev=vlan77 unicast=true\n  lv1 10.6.0.11\n{PS}")[0]
    assert "unicast" not in found.content.decode()
    assert keepalived_says(found, tmp_path).returncode == 0


def test_load_balancers_of_two_sites_are_no_pair() -> None:
    text = "@site a\n[lv] vrid=1\n  lv1 10.0.0.1\n[ps] vip=203.0.113.1:80\n  w1 10.6.1.1\n"
    assert ranks(
        text + text.replace("site a", "site b").replace("v1", "v2").replace("w1", "w2").replace("10.", "11.")
    ) == [
        ("MASTER", 100),
        ("MASTER", 100),
    ]


def test_without_a_vrid_there_is_no_vrrp_and_two_are_warned() -> None:
    one, two = made("keepalived", pair(header="dev=vlan77"))
    assert instances(one) == {}
    assert [found.message for found in one.findings] == ["no vrid for 203.0.113.80:80: not carried by VRRP"]
    (alone,) = made("keepalived", f"[lv]\n  lv1 10.6.0.11\n{PS}")
    assert alone.findings == ()
    assert two.findings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (pair("priority=100", "priority=100"), "VRID 10: lv1 and lv2 both have priority 100"),
        (
            pair() + "[db] vip=203.0.113.80:3306 vrid=11\n  d1 10.6.3.1\n",
            "VIP 203.0.113.80 is in 2 VRRP instances",
        ),
        (
            pair().replace("[ps] vip", "[ps] balancer=lv1 vip")
            + "[db] vip=203.0.113.90:3306 balancer=lv2\n  d1 10.6.3.1\n",
            "VRID 10 is used by lv1 and lv2 for different VIPs",
        ),
        (pair() + "[edge] vrid=10\n  e1 10.6.0.21\n", "VRID 10 is also that of e1 (role edge), on the same network"),
        (pair() + "x1 203.0.113.80\n", "role ps, VIP 203.0.113.80:80: this is the address of host x1 itself"),
        (
            pair() + "[web] vip=203.0.113.80:80\n  x1 10.6.3.1\n",
            "VIP tcp 203.0.113.80:80 is given 2 times: by role ps, web",
        ),
    ],
)
def test_what_two_would_fight_about_is_an_error(text: str, message: str) -> None:
    assert message in errors(made("keepalived", text)[0])


def test_a_vip_that_has_no_vrid_beside_others_is_warned() -> None:
    text = pair(header="dev=vlan77").replace("[ps]", "[ps] vrid=12") + "[db] vip=203.0.113.90:3306\n  d1 10.6.3.1\n"
    found = made("keepalived", text)[0]
    assert list(instances(found)) == ["vrid12-vlan77-ipv4"]
    assert [one.message for one in found.findings] == ["no vrid for 203.0.113.90:3306: not carried by VRRP"]


def test_an_own_template_too_comes_to_masters_last() -> None:
    fleet = loads("[db]\n  d1 10.0.0.1 [db.master]\n  d2 10.0.0.2\n  d3 10.0.0.3 [STOP]\n")
    entry = entry_of("own", template="own.j2", path="/etc/own")
    assert apply_order(fleet, entry, ["d1", "d2", "D3"]) == ("d3", "d2", "d1")


def test_an_address_that_is_a_vip_elsewhere_too_is_warned() -> None:
    site = "@site {0}\n[lv] vrid=1\n  lv{0} 10.{1}.0.1\n[ps] vip=203.0.113.1:80\n  w{0} 10.{1}.1.1\n"
    first, second = made("keepalived", site.format("a", 6) + site.format("b", 7))
    assert [found.message for found in first.findings] == [
        "role ps, VIP 203.0.113.1:80: the address is a VIP of role ps in b as well"
    ]
    assert len(second.findings) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (pair(header="vrid=10 dev=a/b"), "dev is 'a/b', which is no name of an interface"),
        (
            pair() + "[a] vip=203.0.113.9:1 vip.master=w1\n  d1 10.6.3.1\n[b] vip=203.0.113.8:1 vip.master=lv1\n  d1\n",
            "VRID 10 has several vip.master: lv1, w1",
        ),
        (pair().replace("[ps]", "[ps] vip.master=w1"), "VRID 10: vip.master is w1, which is no load balancer"),
        (
            pair(header="vrid=10 unicast=true").replace("10.6.0.12 ", ""),
            "unicast: host lv2 has no IPv4 address for its peers",
        ),
    ],
)
def test_what_cannot_be_made_is_told(text: str, message: str) -> None:
    with pytest.raises(EmitterError, match=message):
        made("keepalived", text)


def order(text: str) -> tuple[str, ...]:
    fleet, entry = loads(text), entry_of("keepalived")
    return apply_order(fleet, entry, [name for one in reflect(fleet, 7, entry) for name in one.hosts])


def test_backups_are_served_before_masters_and_those_out_of_service_first() -> None:
    assert order(pair("[lv.master]", "[lv.backup]")) == ("lv2", "lv1")
    assert order(pair("priority=200", "priority=100")) == ("lv2", "lv1")
    assert order(pair()) == ("lv2", "lv1")
    assert order(pair("[lv.master]", "[lv.backup] [STOP]")) == ("lv2", "lv1")
    assert order(pair("[lv.master] [STOP]", "[lv.backup]")) == ("lv1", "lv2")
