"""What every MATRIX knows without declaring it: states and properties, and the directives by name."""

from __future__ import annotations

from typing import Final

from .declared import PropertyType, StateKind

LANGUAGE_VERSION: Final = 1
"""The newest version of the language that this program reads."""

STATES: Final = {
    "WARN": StateKind("WARN", True, "in service, but look at it"),
    "STOP": StateKind("STOP", False, "out of service"),
}

UP: Final = "UP"
"""The selector's word for every host in service; no state may have this name."""

LONGEST_LABEL: Final = 63
"""Letters between two dots of a name in DNS (RFC 1035, section 2.3.4)."""

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
        PropertyType("check.every", "duration", meaning="time between two checks of a member"),
        PropertyType("check.timeout", "duration", meaning="how long a check may take"),
        PropertyType("check.retries", "int", meaning="checks more before a member counts as down", low=0, high=255),
        PropertyType("check.pause", "duration", meaning="time before a check is tried again"),
        PropertyType("check.status", "text", meaning="HTTP status codes that are well: 200, 200-299"),
        PropertyType("check.host", "text", meaning="host name that a check over HTTP asks for"),
        PropertyType("check.helo", "text", meaning="name with which a check over SMTP greets"),
        PropertyType("proto", "one-of", meaning="transport of the VIPs", choices=("tcp", "udp", "sctp")),
        PropertyType("persist", "duration", meaning="how long a client stays with its member"),
        PropertyType("persist.prefix", "int", meaning="clients of one such network stay together", low=1, high=128),
        PropertyType("sorry", "endpoint", meaning="server that answers when no member does"),
        PropertyType("quorum", "int", meaning="total weight below which the sorry server answers", low=1),
        PropertyType("hysteresis", "int", meaning="weight by which the quorum must be passed", low=0),
        PropertyType("inhibit", "bool", meaning="a failed member keeps its connections, at weight 0"),
        PropertyType("balancer", "text", meaning="selector of the hosts that carry the VIPs"),
        PropertyType("vip.dev", "text", meaning="interface of the load balancers on which the VIPs are"),
        PropertyType("vip.prefix", "int", meaning="prefix length of the VIPs", low=0, high=128),
        PropertyType("vip.master", "host", meaning="load balancer that carries the VIPs when it can"),
        PropertyType("priority", "int", meaning="VRRP priority of a load balancer", low=1, high=254),
        PropertyType("dev", "text", meaning="interface on which load balancers talk to each other"),
        PropertyType("preempt", "bool", meaning="a master takes the VIPs back when it returns"),
        PropertyType("unicast", "bool", meaning="load balancers talk to each other by address, not by multicast"),
        PropertyType("advert", "int", meaning="seconds between two VRRP advertisements", low=1, high=255),
        PropertyType("alias", "text", is_list=True, meaning="further names of the host"),
        PropertyType("vip.name", "text", is_list=True, meaning="name of the VIPs in DNS and /etc/hosts"),
        PropertyType("dns.mx", "int", meaning="takes mail for the domain, with this preference", low=0, high=65535),
        PropertyType("dns.txt", "text", is_list=True, meaning="TXT record of the host"),
        PropertyType("ssh.jump", "text", meaning="host over which ssh reaches this one, or none"),
        PropertyType("metrics.port", "int", is_list=True, meaning="port that Prometheus scrapes", low=1, high=65535),
        PropertyType("metrics.path", "text", meaning="path that Prometheus scrapes"),
        PropertyType("metrics.scheme", "one-of", meaning="how Prometheus scrapes", choices=("http", "https")),
        PropertyType("metrics.job", "text", meaning="job that Prometheus files the target under"),
        PropertyType("pool.scope", "one-of", meaning="whose members a proxy sees", choices=("site", "all")),
        PropertyType("nginx.upstream", "text", meaning="name of the role's upstream in nginx"),
        PropertyType("nginx.method", "text", meaning="method of the upstream"),
        PropertyType("nginx.keepalive", "int", meaning="idle connections that nginx keeps to the upstream", low=1),
        PropertyType("nginx.max_fails", "int", meaning="failures after which nginx leaves a server alone", low=0),
        PropertyType("nginx.fail_timeout", "duration", meaning="for how long nginx leaves it alone"),
        PropertyType("nginx.max_conns", "int", meaning="connections that nginx opens to a server at most", low=0),
        PropertyType("nginx.backup", "bool", meaning="used by nginx when no other server answers"),
        PropertyType("haproxy.mode", "one-of", meaning="what HAProxy understands", choices=("tcp", "http")),
        PropertyType("haproxy.balance", "text", meaning="algorithm of the backend"),
        PropertyType("haproxy.maxconn", "int", meaning="connections that HAProxy opens to a server", low=1),
        PropertyType("haproxy.send_proxy", "bool", meaning="HAProxy tells the server the client's address"),
        PropertyType("httpd.name", "text", is_list=True, meaning="name of the role's virtual host, then its aliases"),
        PropertyType("httpd.port", "int", meaning="port of the virtual host", low=1, high=65535),
        PropertyType("httpd.root", "text", meaning="document root"),
        PropertyType("httpd.proxy", "text", is_list=True, meaning="/PATH ROLE: what is handed on to whom"),
        PropertyType("httpd.allow", "text", is_list=True, meaning="/PATH SELECTOR: who may reach what"),
        PropertyType("httpd.env", "text", is_list=True, meaning="NAME=value for programs of the virtual host"),
        PropertyType("httpd.include", "text", is_list=True, meaning="files that the virtual host includes"),
        PropertyType("httpd.scheme", "text", meaning="how httpd speaks to the role's hosts"),
        PropertyType("httpd.lbmethod", "text", meaning="method of the balancer"),
        PropertyType("httpd.sticky", "text", meaning="cookie that keeps a session with its host"),
        PropertyType("httpd.max_workers", "int", meaning="requests that httpd serves at once", low=1),
        PropertyType("httpd.timeout", "int", meaning="seconds that httpd waits for input and output", low=1),
    )
}

FAMILIES: Final = (
    "sched=", "check=", "check.", "balancer=", "dev=", "alias=", "vip.", "ssh.", "metrics.", "nginx.", "haproxy.",
    "httpd.",
)  # fmt: skip
"""How the properties begin whose values have a form beyond their type (`value_forms.py`)."""

REPEATABLE: Final = frozenset({"ssh.hostkey"})
"""Known properties that are no lists, but may be given more than once all the same (a host has several keys)."""

PER_VIP: Final = frozenset(
    {
        *(name for name in PROPERTIES if name.startswith("check")),
        *("port", "sched", "fwd", "proto", "persist", "persist.prefix", "sorry", "quorum", "hysteresis", "inhibit"),
        *("haproxy.mode", "haproxy.balance"),
        *("balancer", "vip.dev", "vip.prefix", "vip.master", "vrid"),
    }
)
"""Known properties that are no lists, but that a header may give once for each of its VIPs, in their order."""

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
