"""There and back: a keepalived.conf drafted as a MATRIX, from which an equivalent one is generated."""

import random
import re
from pathlib import Path

import pytest
from keepalived_meaning import Meaning, meaning
from reflecting import entry_of, run

from matrix_emitters.reflection import reflect
from matrix_grammar.reading import loads, reads
from matrix_sources.keepalived import parse_keepalived
from matrix_sources.registry import draft

SAMPLES = Path("/usr/share/doc/keepalived/samples")
NAMES = [
    *("HTTP_GET.port", "IPv6", "PING_CHECK", "SMTP_CHECK", "SSL_GET", "UDP_CHECK", "conditional_conf", "fwmark"),
    *("inhibit", "misc_check", "misc_check_arg", "quorum", "sample", "status_code", "track_interface"),
    *("virtual_server_group", "virtualhost", "vrrp", "vrrp.localcheck", "vrrp.lvs_syncd", "vrrp.routes", "vrrp.rules"),
    *("vrrp.scripts", "vrrp.static_ipaddress", "vrrp.sync"),
]


def there_and_back(text: str, config_id: str | None = None) -> tuple[Meaning, Meaning]:
    """What a text means but for what was told, and what the text generated from its draft means."""
    options = {} if config_id is None else {"config_id": config_id}
    made = draft("keepalived", text, "FILE", **options)
    assert not reads(made.text).diagnostics
    fleet = loads(made.text)
    balancer = next(iter(fleet.role("lv").hosts)).name
    (generated,) = reflect(fleet, 1, entry_of("keepalived"), only=[balancer])
    back = parse_keepalived(generated.content.decode())
    assert not back.leftovers
    return meaning(parse_keepalived(text, config_id), made.leftovers), meaning(back)


def same(text: str, config_id: str | None = None) -> Meaning:
    before, after = there_and_back(text, config_id)
    assert before == after
    return after


@pytest.mark.needs("/usr/share/doc/keepalived/samples/keepalived.conf.sample")
@pytest.mark.parametrize("name", NAMES)
def test_the_samples_of_debians_package(name: str) -> None:
    text = (SAMPLES / f"keepalived.conf.{name}").read_text()
    found = same(text)
    assert bool(found["servers"]) == any(
        line.startswith("virtual_server ") and not line.startswith("virtual_server fwmark") for line in text.split("\n")
    )


@pytest.mark.needs("/usr/share/doc/keepalived/samples/keepalived.conf.sample")
def test_no_sample_is_left_out() -> None:
    assert sorted(path.name for path in SAMPLES.glob("keepalived.conf.*")) == sorted(
        f"keepalived.conf.{n}" for n in NAMES
    )


SITE = """\
@matrix 1
[lv]  vrid=10  dev=vlan7  unicast=true  advert=2  preempt=false
    lv1  10.6.0.11  fd00::11  [lv.master]  priority=120
    lv2  10.6.0.12  fd00::12  [lv.backup]
[ps]  vip=203.0.113.80:80  vip=203.0.113.80:443  vip=203.0.113.81:80  sched=wlc  fwd=dr  check=http:/alive.html
      check.host=www.example.jp  check.status="200-299 301"  vip.prefix=24  persist=5m  persist.prefix=24
      quorum=2  hysteresis=1  sorry=10.6.9.9:80
    w[101-103]  10.6.1.[101-103]  weight=10
    w104        10.6.1.104        weight=5
    w105        10.6.1.105        check=none
[six]  vip="[2001:db8::80]:80"  fwd=nat  port=8080  check=https:444/x  check.timeout=500ms  check.every=2500ms
    s1  fd00::1:1
    s2  fd00::1:2  port=8081  weight=0
[mx]  vip=203.0.113.25:25  check=smtp  check.helo=lv.example.jp  check.retries=0  inhibit=true  fwd=tun
    w101
[dns]  vip=203.0.113.53:53  proto=udp  check="misc:/usr/lib/check dns 1"  check.timeout=7s  vip.dev=eth1  fwd=dr
    d1  10.6.2.1
"""


def generated(text: str, balancer: str) -> str:
    (found,) = reflect(loads(text), 1, entry_of("keepalived"), only=[balancer])
    return found.content.decode()


@pytest.mark.parametrize("balancer", ["lv1", "lv2"])
def test_what_is_generated_is_drafted_and_generated_again(balancer: str) -> None:
    text = generated(SITE, balancer)
    made = draft("keepalived", text, "FILE")
    assert not [left for left in made.leftovers if not left.changed]
    before, after = there_and_back(text)
    assert before == after
    assert len(after["servers"]) == 6
    assert after["synced"]


def test_servers_that_differ_in_their_vips_alone_are_one_role() -> None:
    fleet = loads(draft("keepalived", generated(SITE, "lv1"), "FILE").text)
    roles = [role for name, role in fleet.roles.items() if name.partition(".")[0] != "lv"]
    assert [len(role.property("vip") or ()) for role in roles] == [3, 1, 1, 1]


HAND_MADE = """\
$NET=10.0.0
global_defs {
    router_id balancer-2 ; enable_script_security
    vrrp_strict
}
vrrp_instance ONE { state MASTER ; interface eth0 }
vrrp_instance A {
    state MASTER
    interface eth0
    virtual_router_id 10
    priority 150
    virtual_ipaddress { 192.0.2.1/24 dev eth0 }
    virtual_ipaddress_excluded {
        192.0.2.2/24 label eth0:2
        192.0.2.99
    }
}
vrrp_instance B {
    interface eth1
    virtual_router_id 11
    priority 90
    advert_int 3
    unicast_src_ip 10.9.0.2
    unicast_peer {
        10.9.0.1
    }
    virtual_ipaddress { 192.0.2.3 }
}
virtual_server_group G {
    2001:db8::a-c 80
    2001:db8::20 443
    fwmark 3
}
virtual_server 192.0.2.1 80 {
    lb_algo wlc
    lb_kind DR
    protocol tcp
    retry 4
    sorry_server ${NET}.99
    real_server ${NET}.1 80 {
        TCP_CHECK { }
    }
    real_server ${NET}.2 80 {
        weight 3
        HTTP_GET {
            url { path /a status_code 200 }
            url { path /b }
            delay_before_retry 2.5
        }
    }
    real_server ${NET}.2 81 { }
}
virtual_server 192.0.2.2 80 { lb_algo wlc
    lb_kind DR
    protocol TCP
    retry 4
    sorry_server ${NET}.99
    real_server ${NET}.1 80 { TCP_CHECK }
}
virtual_server 192.0.2.3 25 {
    lb_kind NAT
    persistence_timeout
    persistence_granularity 255.255.255.0
    delay_loop 15
    real_server ${NET}.1 2525 { SMTP_CHECK { connect_port 26 }
        inhibit_on_failure }
    real_server ${NET}.3 2526 {
        weight 70000
        MISC_CHECK { misc_path "/usr/bin/check a 'b c'" }
        DNS_CHECK { type A }
    }
}
virtual_server group G {
    protocol UDP
    lvs_method TUN type ipip
    alpha
    real_server 2001:db8:1::1 8080 { MISC_CHECK { misc_path /bin/x misc_timeout 3 } }
    real_server 2001:db8:1::2 8080 { MISC_CHECK { misc_path /bin/x misc_timeout 3 } }
    real_server 10.0.0.7 8080 { }
}
virtual_server fwmark 1 { }
virtual_server 192.0.2.4 { }
virtual_server 192.0.2.1 80 { protocol TCP ; real_server 10.0.0.8 80 { weight 2 } }
""".replace(" ; ", "\n")


def test_a_file_made_by_hand() -> None:
    text = HAND_MADE.replace("path /a status_code 200", "path /a\n status_code 200")
    text = text.replace("/bin/x misc_timeout 3", "/bin/x\n misc_timeout 3").replace(
        "{ TCP_CHECK }", "{ TCP_CHECK\n{ } }"
    )
    found = same(text)
    assert len(found["servers"]) == 3 + 4
    assert {key: one["state"] for key, one in found["instances"].items()} == {
        (10, "eth0", 4): "MASTER",
        (11, "eth1", 4): "BACKUP",
    }


@pytest.mark.needs("keepalived")
@pytest.mark.parametrize(
    ("lines", "said", "drafted"),
    [
        ("lb_algo rr\nlb_kind NAT", "no protocol set - defaulting to UDP", "proto=udp"),
        ("protocol TCP\nlb_algo RR\nlb_kind NAT", "no scheduler set, setting default 'wlc'",
         "vip=192.0.2.1:80  fwd=nat"),
        ("protocol TCP\nlb_algo rr\nlb_kind dr", "unknown [dr] routing method", "sched=rr  fwd=nat"),
    ],
)  # fmt: skip
def test_what_keepalived_takes_where_a_file_says_nothing_right(
    tmp_path: Path, lines: str, said: str, drafted: str
) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(f"virtual_server 192.0.2.1 80 {{\n{lines}\nreal_server 10.0.0.1 80 {{\n}}\n}}\n")
    assert said in run("keepalived", "-t", "-f", str(path)).stderr
    assert drafted in draft("keepalived", path.read_text(), "FILE").text


@pytest.mark.parametrize(("host", "priority"), [("high", 170), ("low", 85)])
def test_conditional_lines_as_on_the_host_of_an_id(host: str, priority: int) -> None:
    text = (
        "vrrp_instance V {\n@high state MASTER\n@low state BACKUP\ninterface eth0\nvirtual_router_id 1\n"
        "@high priority 170\n@low priority 85\nvirtual_ipaddress {\n10.1.0.254/32\n}\n}\n"
        "virtual_server 10.1.0.254 80 {\nreal_server 10.1.0.1 80 {\n}\n}\n"
    )
    found = same(text, host)
    (instance,) = found["instances"].values()
    assert (instance["state"], instance["priority"]) == ("MASTER" if host == "high" else "BACKUP", priority)


def test_real_servers_are_called_as_a_hosts_file_or_the_comment_beside_them_calls_them() -> None:
    text = generated(SITE, "lv1").replace("# d1", "# primary").replace("# w104", "# w102")
    made = draft("keepalived", text, "FILE", names="10.6.1.101 w101.example.jp w101\n")
    fleet = loads(made.text)
    assert [host.name for host in fleet.role("dns").hosts] == ["ip-10-6-2-1"], "a remark is no name"
    assert [host.name for host in fleet.role("web").hosts] == [
        "w101", "ip-10-6-1-102", "w103", "ip-10-6-1-104", "w105"
    ]  # fmt: skip
    assert fleet.host("w101").fullname == "w101.example.jp"


def test_a_host_that_would_have_two_addresses_of_a_family_is_two_hosts() -> None:
    members = "".join(f"real_server 10.0.0.{number} 80 {{\nweight {number}\n}}\n" for number in (1, 2))
    text = f"virtual_server 192.0.2.1 80 {{\n{members}}}\n"
    made = draft("keepalived", text, "FILE", names="10.0.0.1 web1\n10.0.0.2 web1\n")
    assert [(host.name, host.addresses) for host in loads(made.text).role("web").hosts] == [
        ("web1", ("10.0.0.1",)),
        ("ip-10-0-0-2", ("10.0.0.2",)),
    ]
    assert "web1 has another address already" in made.text


NUMBERS = ("0", "1", "80", "443", "255", "70000")


def mutated(text: str, number: int) -> str:
    """The text with some lines taken out, swapped, or with other numbers; the same number gives the same text."""
    choose = random.Random(number)
    lines = text.split("\n")
    for _ in range(choose.randrange(1, 6)):
        at, other = choose.randrange(len(lines)), choose.randrange(len(lines))
        match choose.randrange(4):
            case 0:
                lines[at] = ""
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2:
                lines[at] = lines[other]
            case _:
                lines[at] = re.sub(r"\d+", lambda _: choose.choice(NUMBERS), lines[at])
    return "\n".join(lines)


@pytest.mark.parametrize("first", range(0, 150, 50))
def test_of_a_text_that_is_wrong_somewhere_nothing_is_dropped_silently(first: int) -> None:
    seeds = [HAND_MADE, generated(SITE, "lv1"), generated(SITE, "lv2")]
    for number in range(first, first + 50):
        same(mutated(seeds[number % 3], number))
