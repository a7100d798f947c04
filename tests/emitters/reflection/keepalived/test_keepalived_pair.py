"""Two real keepalived on one wire: what the generated VRRP does while a new file has reached the backup alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from reflecting import SURROUNDINGS, made

from matrix_emitters.reflection.model import Reflected

WIRE = r"""
set -e
ip link set lo up
ip link add vlan77 type veth peer name other
unshare -n sleep 120 >/dev/null & there=$!
trap 'kill $there $lv1 $lv2' EXIT
while [ "$(readlink /proc/$there/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link set other netns $there
ip addr add 10.6.0.11/24 dev vlan77
ip link set vlan77 up
on() { nsenter -t $there -n "$@"; }
on sh -c 'ip link set lo up; ip link set other name vlan77; ip addr add 10.6.0.12/24 dev vlan77; ip link set vlan77 up'
keepalived -P -n -l -p a.pid -r a.vrrp -f lv1.conf >lv1.log 2>&1 & lv1=$!
on keepalived -P -n -l -p b.pid -r b.vrrp -f lv2.conf >lv2.log 2>&1 & lv2=$!
vips() { "$@" ip -o addr show dev vlan77 | sed -n 's,.*inet \(203[^/]*\)/.*,\1,p' | sort | tr '\n' ' '; }
until_so() { # until both hold what is expected
    for _ in $(seq 150); do
        [ "$(vips)|$(vips on)" = "$1" ] && echo "$2" && return
        sleep 0.1
    done
    still "$@"
}
still() {
    [ "$(vips)|$(vips on)" = "$1" ] && echo "still so" && return
    echo "not $2: lv1 has $(vips), lv2 has $(vips on)"
    cat lv1.log lv2.log
    exit 1
}
until_so '203.0.113.80 |' 'the master alone has the VIP'
sleep 1.2 # a backup that hears no master takes over after 3.6 s: both began at once
still '203.0.113.80 |' 'the master alone'
mv stopped.conf lv1.conf
kill -HUP $lv1
until_so '|203.0.113.81 203.0.113.82 ' 'the backup has taken over'
"""


def pair(vips: str, state: str = "") -> tuple[Reflected, ...]:
    return made(
        "keepalived",
        f"[lv] vrid=10 dev=vlan77\n  lv1 10.6.0.11 [lv.master] {state}\n  lv2 10.6.0.12\n[ps] {vips}\n  w1 10.6.1.1\n",
    )


@pytest.mark.needs("keepalived", "unshare", "nsenter", "ip")
def test_other_vips_on_the_backup_alone_make_no_second_master_and_stop_hands_over(tmp_path: Path) -> None:
    before, after = "vip=203.0.113.80:80", "vip=203.0.113.81:80 vip=203.0.113.82:80"
    (tmp_path / "lv1.conf").write_bytes(pair(before)[0].content)
    (tmp_path / "lv2.conf").write_bytes(pair(after)[1].content)
    (tmp_path / "stopped.conf").write_bytes(pair(after, "[STOP: memory]")[0].content)
    done = subprocess.run(
        ["unshare", "-rnm", "sh", "-c", WIRE],
        cwd=tmp_path,
        env=SURROUNDINGS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["the master alone has the VIP", "still so", "the backup has taken over"], (
        done.stderr
    )
