"""Every word of keepalived.conf(5), written into a file where it may stand: the draft is another one, or it is told."""

import re

import pytest

from matrix_sources.draft import Draft
from matrix_sources.outline import DraftError
from matrix_sources.registry import draft

BASE = """\
global_defs {
  router_id lb1
  <global>
}
vrrp_sync_group G {
  group {
    VI_1
  }
  <sync>
}
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 120
  unicast_src_ip 10.0.0.250
  unicast_peer {
    10.0.0.251 <peer>
  }
  virtual_ipaddress {
    192.0.2.10/24 <address>
  }
  virtual_ipaddress_excluded {
    192.0.2.11/24 <address>
  }
  <vrrp>
}
virtual_server_group VG {
  192.0.2.11 80
  <group>
}
virtual_server group VG {
  protocol TCP
  lvs_method DR
  real_server 10.0.0.1 80 {
    TCP_CHECK {
      <tcp>
    }
  }
}
virtual_server 192.0.2.10 80 {
  protocol TCP
  lvs_method DR
  <server>
  real_server 10.0.0.1 80 {
    <real>
    HTTP_GET {
      <http>
      url {
        path /
        <url>
      }
    }
  }
}
virtual_server 192.0.2.10 443 {
  protocol TCP
  real_server 10.0.0.1 443 {
    SSL_GET {
      <http>
      <ssl>
      url {
        path /
        <url>
      }
    }
  }
}
virtual_server 192.0.2.10 25 {
  protocol TCP
  real_server 10.0.0.1 25 {
    SMTP_CHECK {
      <tcp>
      <smtp>
    }
  }
}
virtual_server 192.0.2.10 99 {
  protocol TCP
  real_server 10.0.0.1 99 {
    MISC_CHECK {
      misc_path /bin/true
      <misc>
    }
  }
}
<top>
"""
CHECKER = """connect_ip 10.0.0.9
connect_port 81
bindto 10.0.0.8
bind_if eth7
bind_port 1025
fwmark 7"""
TIMES = """alpha
connect_timeout 7
retry 7
delay_before_retry 7
warmup 7
delay_loop 7"""
WORDS = {
    "global": """notification_email { a@example.jp }
notification_email_from a@example.jp
smtp_server 127.0.0.1
smtp_helo_name lb
smtp_connect_timeout 7
smtp_alert
no_email_faults
max_auto_priority
vrrp_startup_delay 5
default_interface eth9
lvs_sync_daemon eth0 VI_1
lvs_flush
vrrp_mcast_group4 224.0.0.19
vrrp_garp_master_delay 7
vrrp_version 3
vrrp_strict
vrrp_iptables
vrrp_skip_check_adv_addr
vrrp_priority -10
vrrp_no_swap
checker_priority -10
enable_snmp_vrrp
script_user nobody
dynamic_interfaces
use_symlink_paths
nftables
reload_file /x
shutdown_script /bin/x
process_names
enable_dbus
notify_fifo /run/x
random_seed 7""",
    "sync": """track_interface { eth1 }
track_script { x }
track_file { x }
track_process { x }
track_bfd { x }
notify_master /bin/x
notify_backup /bin/x
notify_fault /bin/x
notify_stop /bin/x
notify /bin/x
notify_priority_changes on
smtp_alert
global_tracking
sync_group_tracking_weight""",
    "vrrp": """vrf v
use_vmac
use_vmac_addr
vmac_xmit_base
use_ipvlan
native_ipv6
dont_track_primary
track_interface { eth1 weight 5 }
track_script { x weight 5 }
track_file { x }
track_process { x }
track_bfd { x }
mcast_src_ip 10.0.0.7
mcast_dst_ip 224.0.0.19
track_src_ip
version 3
check_unicast_src
unicast_fault_no_peer
unicast_ttl 64
old_unicast_checksum
garp_master_delay 10
garp_master_repeat 1
garp_lower_prio_delay 10
garp_lower_prio_repeat 1
garp_master_refresh 60
garp_master_refresh_repeat 2
garp_extra_if 100
down_timer_adverts 5
lower_prio_no_advert
higher_prio_send_advert
advert_int 2
advert_int 0.5
priority 255
authentication { auth_type PASS }
promote_secondaries
virtual_routes { 192.168.110.0/24 via 192.168.200.254 dev eth1 }
virtual_rules { from 192.168.2.0/24 table 1 }
accept
no_accept
nopreempt
preempt
preempt_delay 300
skip_check_adv_addr
strict_mode off
debug 3
notify_master /bin/x
notify_backup /bin/x
notify_fault /bin/x
notify_stop /bin/x
notify /bin/x
notify_master_rx_lower_pri /bin/x
notify_priority_changes on
smtp_alert
kernel_rx_buf_size 4096
linkbeat_use_polling""",
    "peer": """min_ttl 1
max_ttl 255""",
    "address": """brd 192.0.2.255
broadcast 192.0.2.255
dev eth1
use_vmac
scope global
label eth0:1
peer 192.0.2.9
home
-nodad
mngtmpaddr
noprefixroute
autojoin
no_track
preferred_lft forever
track_group x
dev eth0 label eth0:1
label eth0:1 dev eth0
dev eth0 no_track""",
    "group": """192.0.2.10 8080
192.0.2.20-22 80
192.0.2.8/29 80
2001:db8::1 80
fwmark 7
fwmark 7 inet6""",
    "server": """lvs_sched rr
lb_algo rr
flag-1
flag-2
flag-3
sh-port
sh-fallback
mh-port
mh-fallback
ops
lvs_method TUN type gue port 5555
lb_kind NAT
persistence_engine sip
persistence_timeout
persistence_timeout 50
persistence_granularity 255.255.255.0
protocol UDP
ha_suspend
smtp_alert
virtualhost www.example.jp
snmp_name x
omega
quorum 2
hysteresis 2
quorum_up /bin/x
quorum_down /bin/x
ip_family inet6
sorry_server 10.0.0.9 80
sorry_server 10.0.0.9
sorry_server_inhibit
sorry_server_lvs_method NAT
inhibit_on_failure
"""
    + TIMES,
    "real": """weight 7
lvs_method NAT
lvs_method TUN type gre
notify_up /bin/x
notify_down /bin/x
uthreshold 7
lthreshold 7
smtp_alert on
virtualhost www.example.jp
snmp_name x
inhibit_on_failure
TCP_CHECK { connect_port 7 }
DNS_CHECK { type A }
BFD_CHECK { name x }
PING_CHECK { }
UDP_CHECK { payload 00 }
FILE_CHECK { track_file x }
"""
    + TIMES,
    "tcp": CHECKER + "\n" + TIMES + "\nlog_all_failures",
    "http": CHECKER + "\n" + TIMES + "\nlog_all_failures\nhttp_protocol 1.1\nfast_recovery\nvirtualhost www.example.jp",
    "url": """digest 9b3a0c85a887a256d6939da88aabd8cd
status_code 200-299 301
virtualhost www.example.jp
regex x
regex_no_match
regex_options caseless
regex_stack 1 2
regex_min_offset 7
regex_max_offset 7""",
    "ssl": "enable_sni",
    "smtp": "helo_name x",
    "misc": """misc_timeout 7
misc_dynamic
user nobody
"""
    + TIMES,
    "top": """linkbeat_interfaces { eth0 }
static_ipaddress { 10.0.0.77/24 dev eth0 }
static_routes { 10.1.0.0/16 via 10.0.0.1 }
static_rules { from 10.1.0.0/16 table 1 }
vrrp_script x { script /bin/x }
vrrp_track_process x { process y }
vrrp_track_file x { file /x }
track_file x { file /x }
track_group x { group { VI_1 } }
garp_group { interface eth0 }
interface_up_down_delays { eth0 1 }
bfd_instance x { neighbor_ip 10.0.0.1 }
SSL { ca /x }
net_namespace x
namespace_with_ipsets
instance x
use_pid_dir
child_wait_time 5
include /etc/keepalived/x.conf
virtual_server_group unused { 192.0.2.77 80 }
virtual_server_group VG { 192.0.2.78 80 }
virtual_server_group { 192.0.2.78 80 }
virtual_server fwmark 7 { real_server 10.0.0.1 80 { } }
vrrp_instance other { interface eth1 }""",
}
EVERY = [(place, word) for place, words in WORDS.items() for word in words.split("\n")]


def drafted(text: str) -> Draft:
    return draft("keepalived", text, "FILE")


def with_word(place: str, word: str) -> tuple[str, list[int]]:
    """The file with a word at its place, and the lines where it stands."""
    spread = word.replace("{ ", "{\n").replace(" }", "\n}") if place != "address" else word
    lines: list[int] = []
    text = ""
    for piece in re.split(r"(<\w+>)", BASE):
        if piece == f"<{place}>":
            lines += range(text.count("\n") + 1, text.count("\n") + 2 + spread.count("\n"))
            piece = spread
        text += "" if piece.startswith("<") else piece
    return text, lines


PLAIN = drafted(re.sub(r"<\w+>", "", BASE))


@pytest.mark.parametrize(("place", "word"), EVERY, ids=lambda each: each.replace("/", "_"))
def test_each_word_is_taken_or_told(place: str, word: str) -> None:
    text, lines = with_word(place, word)
    made = drafted(text)
    key = word.removeprefix("dev eth0 ").split()[0]
    told = [left for left in made.leftovers if not left.changed and key in left.text]
    for line in lines[:: len(lines) // BASE.count(f"<{place}>")]:
        if not any(left.line == line or place == "group" for left in told):
            assert _said(made) != _said(PLAIN)


@pytest.mark.parametrize(
    "further",
    ["label eth0:1", "dev eth0", "dev eth0 label eth0:1", "label x dev eth0", "dev eth0 scope global no_track"],
)
def test_words_beside_an_address_take_nothing_with_them(further: str) -> None:
    made = drafted(with_word("address", further)[0])
    assert _said(made) == _said(PLAIN)
    rest = further.replace("dev eth0", "").strip()
    told = [left.text for left in made.leftovers if not left.changed]
    assert told == [rest, rest] * bool(rest)


def test_words_beside_a_peer_take_nothing_with_them() -> None:
    made = drafted(with_word("peer", "min_ttl 7 max_ttl 9")[0])
    assert _said(made) == _said(PLAIN)
    assert [left.text for left in made.leftovers if not left.changed] == ["min_ttl 7 max_ttl 9"]


def test_the_reason_for_an_instance_that_is_left_is_the_right_one() -> None:
    made = drafted(with_word("address", "dev eth1")[0])
    reasons = [left.reason for left in made.leftovers if left.text == "vrrp_instance VI_1 { … }"]
    assert reasons == ["none of its addresses is carried over, for the reasons that are told beside them"]


def test_words_that_no_check_takes_are_told() -> None:
    text = "virtual_server 192.0.2.1 80 {\nprotocol TCP\nvirtualhost x\nretry 3\nreal_server 10.0.0.1 80 {\n}\n}\n"
    told = [(left.line, left.text, left.reason) for left in drafted(text).leftovers]
    assert told == [(3, "virtualhost x", "no check here takes it"), (4, "retry 3", "no check here takes it")]


def test_a_second_group_of_a_name_is_told() -> None:
    text, (line, *_) = with_word("top", "virtual_server_group VG { 192.0.2.78 80 }")
    made = drafted(text)
    assert (line, "virtual_server_group VG { … }") in [(left.line, left.text) for left in made.leftovers]
    assert _said(made) == _said(PLAIN)


@pytest.mark.parametrize("text", ["127.0.0.1 localhost\n", '{\n "all": 1\n}\n', "Host web1\n  Port 7\n", "[web]\nw1\n"])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DraftError, match=r"line 1: .* is nothing in a keepalived.conf; is this the right file\?"):
        drafted(text)


def _said(made: Draft) -> str:
    """The draft without its comments."""
    return re.sub(r"(?m)^#.*$", "", made.text).strip()
