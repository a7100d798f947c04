"""A MATRIX of the size that DSAS had: 40 VIPs of both families, 400 real servers behind them, two load balancers."""

from __future__ import annotations

CHECKS = ("http:/alive.html", "tcp", "https:8443/alive.html?deep=1", "smtp", "misc:/usr/local/bin/alive --deep")


def dsas(roles: int = 40, hosts: int = 11) -> str:
    """`roles` roles of one VIP with `hosts` hosts each; the last of each is in STOP, every tenth in WARN."""
    lines = ["@domain example.jp", '[lv] "load balancers" vrid=10 dev=vlan77']
    lines += ["    lv1 10.6.0.11 2001:db8:6::11 [lv.master]", "    lv2 10.6.0.12 2001:db8:6::12 [lv.backup]"]
    for role in range(roles):
        six = role % 4 == 3
        vip = f'"[2001:db8:80::{role + 1:x}]:80"' if six else f"203.0.113.{role + 1}:80"
        sorry = '"[2001:db8:99::1]:80"' if six else "10.6.9.9:80"
        check = CHECKS[role % len(CHECKS)]
        lines.append(f'[app{role}] vip={vip} check="{check}" sched=wrr fwd=dr persist=5m sorry={sorry}')
        for host in range(hosts):
            number = role * hosts + host
            state = " [STOP: disk]" if host == hosts - 1 else " [WARN: fan]" if number % 10 == 9 else ""
            four, six_address = f"10.7.{number // 250}.{number % 250 + 1}", f"2001:db8:7::{number + 1:x}"
            lines.append(f"    w{number} {four} {six_address} weight={number % 20 + 1}{state}")
    return "\n".join(lines) + "\n"
