"""Services: the VIPs of roles, and who is behind them."""

from __future__ import annotations

import pytest

from matrix_emitters import EmitterError
from matrix_emitters.reflection.model import Service
from matrix_emitters.reflection.model.services import services_of
from matrix_grammar.reading import loads


def services(text: str) -> dict[str, list[str]]:
    """Role and endpoint, with the members' names."""
    return {f"{one.role} {one.endpoint}": [m.host.name for m in one.members] for one in services_of(loads(text))}


def only(text: str) -> Service:
    (found,) = services_of(loads(text))
    return found


def test_each_vip_of_a_role_is_a_service() -> None:
    assert services('[ps] vip=192.0.2.1:80 vip="[2001:db8::1]:80"\n w1 10.0.0.1 2001:db8::a\n w2 10.0.0.2\n') == {
        "ps 192.0.2.1:80": ["w1", "w2"],
        "ps [2001:db8::1]:80": ["w1"],
    }


def test_the_vip_of_a_site_has_the_hosts_of_that_site() -> None:
    assert services("@site a\n[ps] vip=192.0.2.1:80\n w1 10.0.0.1\n@site b\n[ps] vip=192.0.2.2:80\n w2 10.1.0.1\n") == {
        "ps 192.0.2.1:80": ["w1"],
        "ps 192.0.2.2:80": ["w2"],
    }


def test_the_vip_of_all_sites_has_the_hosts_that_no_site_gives_another() -> None:
    text = (
        "[ps] vip=192.0.2.9:80\n@site a\n[ps]\n w1 10.0.0.1\n@site b\n[ps] vip=192.0.2.2:80\n w2 10.1.0.1\n"
        "@site c\n[ps]\n w3 10.2.0.1\n"
    )
    assert services(text) == {"ps 192.0.2.9:80": ["w1", "w3"], "ps 192.0.2.2:80": ["w2"]}


def test_a_sub_role_has_services_only_of_vips_that_are_its_own() -> None:
    text = "[db] vip=192.0.2.1:3306\n d1 10.0.0.1 [db.master]\n d2 10.0.0.2\n[db.master] vip=192.0.2.2:3306 sched=rr\n"
    assert services(text) == {"db 192.0.2.1:3306": ["d1", "d2"], "db.master 192.0.2.2:3306": ["d1"]}


@pytest.mark.parametrize(
    ("line", "port", "weight"),
    [
        ("w1 10.0.0.1", 8080, 3),
        ("w1 10.0.0.1 port=81 weight=4", 81, 4),
        ("w1 10.0.0.1 [ps port=82 weight=0] port=81 weight=4", 82, 0),
    ],
)
def test_port_and_weight_are_looked_up_as_the_language_says(line: str, port: int, weight: int) -> None:
    (member,) = only(f"[ps] vip=192.0.2.1:80 port=8080 weight=3\n  {line}\n").members
    assert (member.port, member.weight) == (port, weight)


def test_a_default_counts_last() -> None:
    (member,) = only("@default weight=9 port=83\n[ps] vip=192.0.2.1:80 port=84\n  w1 10.0.0.1\n").members
    assert (member.port, member.weight) == (84, 9)


def test_a_list_that_does_not_go_with_the_vips_is_refused_where_one_value_is_needed() -> None:
    service = services_of(loads("[ps] vip=192.0.2.1:80 alias=a alias=b\n w1 10.0.0.1\n"))[0]
    assert service.properties["alias"] == ("a", "b")
    with pytest.raises(EmitterError, match=r"role ps, VIP 192.0.2.1:80: there are 2 values of alias"):
        service.text("alias")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500ms", 500), ("10s", 10_000), ("1m30s", 90_000), ("1d2h", 93_600_000), ("2h5ms", 7_200_005)],
)
def test_durations_are_milliseconds(text: str, expected: int) -> None:
    assert only(f"[ps] vip=192.0.2.1:80 persist={text}\n").milliseconds("persist", 0) == expected


def test_declarations_of_the_users_own_are_read_all_the_same() -> None:
    text = (
        "@property weight text\n@property inhibit text\n@property persist text\n"
        "[ps] vip=192.0.2.1:80 inhibit=true {}\n w1 10.0.0.1 {}\n"
    )
    service = only(text.format("", "weight=7"))
    assert (service.members[0].weight, service.flag("inhibit")) == (7, True)
    with pytest.raises(EmitterError, match=r"host w1 in role ps: weight is 'much', not a whole number from 0 to 65535"):
        only(text.format("", "weight=much"))
    with pytest.raises(EmitterError, match=r"role ps, VIP 192.0.2.1:80: persist is 'long', not a duration"):
        only(text.format("persist=long", "")).milliseconds("persist", 0)
