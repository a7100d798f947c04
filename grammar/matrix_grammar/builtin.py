"""What every MATRIX knows without declaring it: states and properties, and the directives by name."""

from __future__ import annotations

from typing import Final

from .model import PropertyType, StateKind

LANGUAGE_VERSION: Final = 1
"""The newest version of the language that this program reads."""

STATES: Final = {
    "WARN": StateKind("WARN", True, "in service, but look at it"),
    "STOP": StateKind("STOP", False, "out of service"),
}

UP: Final = "UP"
"""The selector's word for every host in service; no state may have this name."""

PROPERTIES: Final = {
    kind.name: kind
    for kind in (
        PropertyType("vip", "endpoint", is_list=True, meaning="virtual address and port of the role"),
        PropertyType("port", "int", meaning="port on which the role is served", low=1, high=65535),
        PropertyType("weight", "int", meaning="share of the traffic", low=0, high=65535),
        PropertyType("sched", "text", meaning="scheduler of the load balancer"),
        PropertyType("fwd", "one-of", meaning="how packets are forwarded", choices=("dr", "nat", "tun")),
        PropertyType("check", "text", meaning="how the service is checked"),
        PropertyType("vrid", "int", meaning="VRRP virtual router", low=1, high=255),
        PropertyType("on", "host", meaning="the host that this guest runs on"),
        PropertyType("ssh.user", "text", meaning="user to log in as"),
        PropertyType("ssh.port", "int", meaning="port of sshd", low=1, high=65535),
        PropertyType("ssh.hostkey", "text", meaning="public host key of sshd"),
    )
}

REPEATABLE: Final = frozenset({"ssh.hostkey"})
"""Known properties that are no lists, but may be given more than once all the same (a host has several keys)."""

DIRECTIVES: Final = {
    "@matrix": "@matrix N",
    "@include": "@include GLOB",
    "@domain": "@domain NAME",
    "@site": "@site NAME",
    "@rack": "@rack NAME",
    "@default": "@default key=value …",
    "@group": "@group NAME = SELECTOR",
    "@state": '@state NAME in|out "meaning"',
    "@property": '@property KEY TYPE [list] "meaning"',
    "@strict": "@strict",
}
"""The directives, with the form of each."""

KINDS: Final = ("int", "number", "bool", "text", "ip", "endpoint", "host", "url", "duration", "one-of")
"""The types of properties."""
