"""Our own checks: what `keepalived -t` lets pass is found in the text, read back and held against the MATRIX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from balancing import PAIR
from matrix_parts import require
from reflecting import entry_of, errors, made, run

from matrix_emitters.reflection.model import Scene, reflector
from matrix_emitters.reflection.model.scene import Stage
from matrix_grammar.reading import loads

MATRIX = PAIR + (
    "[ps] vip=203.0.113.80:80 vip=203.0.113.81:80 check=http:/ sorry=10.6.9.9:80\n  w[1-3] 10.6.1.[1-3] weight=5\n"
    '[six] vip="[2001:db8::80]:80"\n  s1 2001:db8:1::1\n'
)


def findings(text: str, matrix: str = MATRIX) -> list[str]:
    """What our checks find in a text that should be the MATRIX's, for the first load balancer."""
    fleet = loads(matrix)
    scene = Scene(Stage(fleet, 7, entry_of("keepalived")), fleet.host("lv1"))
    return [found.message for found in reflector("keepalived").findings(scene, text) if found.severity == "error"]


@pytest.fixture(scope="module")
def sound() -> str:
    found = made("keepalived", MATRIX)[0]
    assert found.findings == ()
    return found.content.decode()


def without_server(text: str) -> str:
    start = text.index("virtual_server 203.0.113.81")
    return text[:start] + text[text.index("\n}\n", start) + 3 :]


def server_twice(text: str) -> str:
    start = text.index("virtual_server 203.0.113.81")
    end = text.index("\n}\n", start) + 3
    return text[:end] + text[start:end] + text[end:]


def vrid_twice(text: str) -> str:
    text = text.replace("ipv6", "ipvx").replace("2001:db8::80/128", "203.0.113.9/32")
    return text.replace("fe80::200:5eff:fe00:20a/64", "203.0.113.8/32")


def instead(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, count)


SABOTAGE: list[tuple[str, Callable[[str], str], str]] = [
    ("empty", lambda text: "", "no virtual_server: the balancer would serve nothing"),
    ("comments alone", lambda text: "# nothing\n", "no virtual_server: the balancer would serve nothing"),
    ("a weight out of range", instead("weight 5", "weight 99999999"), "is not in 0..65535"),
    ("a weight that is no number", instead("weight 5", "weight much"), "is not in 0..65535"),
    ("a port out of range", instead("10.6.1.1 80", "10.6.1.1 65536"), "is not in 1..65535"),
    ("a virtual_server twice", server_twice, "virtual_server tcp 203.0.113.81:80 stands there twice"),
    ("a virtual_server less", without_server, "the text has no virtual_server tcp 203.0.113.81:80"),
    (
        "a virtual_server of nobody",
        instead("server 203.0.113.81", "server 203.0.113.82"),
        "203.0.113.82:80 is not in the",
    ),
    ("a member twice", instead("10.6.1.2 80", "10.6.1.1 80"), "member 10.6.1.1:80 is given 2 times"),
    ("a member less", instead("10.6.1.2 80", "10.6.1.1 80"), "without 10.6.1.2:80"),
    ("a stranger as a member", instead("10.6.1.2 80", "10.6.6.6 80"), "with 10.6.6.6:80"),
    ("weights of nothing", instead("weight 5", "weight 0", 6), "add up to 0, which is below the quorum"),
    ("a VRID twice", vrid_twice, "VRID 10 is used 2 times on vlan77"),
    ("a VIP in two instances", instead("2001:db8::80/128", "203.0.113.81/32"), "is in 2 VRRP instances"),
    ("a VIP that nobody carries", instead("        203.0.113.81/32\n", ""), "are not the VIPs of the MATRIX"),
    (
        "a foreign directive",
        instead("weight 5", "weight 5\nnotify_up /bin/x"),
        "notify_up does not belong in real_server",
    ),
    (
        "a foreign block",
        lambda text: text + "vrrp_script x {\n script /x\n}\n",
        "vrrp_script does not belong at the top",
    ),
    ("a brace less", lambda text: text.rstrip()[:-1], "its block is not closed"),
    ("a brace more", lambda text: text + "}\n", "there is no `{` to it"),
]


@pytest.mark.parametrize(("sabotage", "message"), [case[1:] for case in SABOTAGE], ids=[case[0] for case in SABOTAGE])
def test_a_text_that_is_not_the_matrix_is_found(sound: str, sabotage: Callable[[str], str], message: str) -> None:
    assert findings(sound) == []
    damaged = sabotage(sound)
    assert damaged != sound
    assert any(message in found for found in findings(damaged)), findings(damaged)


@pytest.mark.parametrize(
    "name", ["empty", "a weight out of range", "a virtual_server twice", "a VIP that nobody carries"]
)
def test_the_program_itself_lets_it_pass(name: str, sound: str, tmp_path: Path) -> None:
    require("keepalived", "unshare", "ip")
    (sabotage,) = (case[1] for case in SABOTAGE if case[0] == name)
    staged = tmp_path / "staged.conf"
    staged.write_text(sabotage(sound))
    line = reflector("keepalived").elsewhere.replace("test -s %s && ", "").replace("%s", str(staged))
    assert run("sh", "-c", line).returncode == 0


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("port=8080", "w1 is on port 8080, but fwd=dr keeps the port of the VIP"),
        ("fwd=tun port=8080", "w1 is on port 8080, but fwd=tun keeps the port of the VIP"),
        ("sorry=10.6.9.9:8080", "the sorry server is on port 8080, but fwd=dr keeps the port of the VIP"),
        ("quorum=3", "the weights add up to 2, which is below the quorum of 3"),
        ("hysteresis=1", "hysteresis 1 is not below the quorum of 1"),
        ("weight=0", "the weights add up to 0, which is below the quorum of 1"),
    ],
)
def test_what_keepalived_would_put_right_in_its_own_way_is_an_error(properties: str, message: str) -> None:
    found = errors(made("keepalived", PAIR + f"[ps] vip=203.0.113.80:80 {properties}\n  w[1-2] 10.6.1.[1-2]\n")[0])
    assert any(message in one for one in found), found


def test_a_matrix_without_a_vip_is_no_configuration() -> None:
    assert errors(made("keepalived", PAIR)[0]) == ["no virtual_server: the balancer would serve nothing"]
