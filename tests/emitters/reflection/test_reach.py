"""What a text can reach at most in each reflected format: hostile values in every property that it has, read by the
same readers, and not one directive beyond those that the template writes. docs/security.md has the table.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from reflecting import errors, made, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.haproxy.language import parse_haproxy
from matrix_emitters.reflection.kinds.httpd.language import parse_httpd
from matrix_emitters.reflection.kinds.nginx.language import parse_nginx
from matrix_emitters.reflection.kinds.ssh.ssh_config import parse_ssh_config
from matrix_emitters.reflection.model import Allowed
from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.model import property_table
from matrix_sources.keepalived import parse_keepalived

COMMANDS = (
    "\nProxyCommand id", "x\n    ProxyCommand id", "; lua_load /x;", "\nlua-load /x", "\n  external-check command /x",
    "\n$INCLUDE /etc/shadow", "|/bin/id", "@/etc/passwd", "file:/etc/passwd", "unix:/run/x", "-oProxyCommand=id",
    "/etc/shadow", "misc:/bin/sh -c id", "exec:/bin/sh", "\ninclude /x", "}\ninclude /x", "$(id)", "`id`", "harmless",
)  # fmt: skip
"""Words that run or read something in one of the formats."""

KEYS = [
    *(name for name, kind in property_table().types.items() if kind.kind in ("text", "url", "host", "endpoint")),
    "colour",
]
"""The properties that can hold them: numbers, times and choices are held to their types by the language."""

HEAD = "@domain example.jp\n@site t\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
FORMATS = {
    "keepalived": "[lv] vrid=1 vip.dev=e0\n  lb 10.0.0.9 priority=9\n[ps] vip=10.9.9.9:80 %\n  w1 10.0.0.2\n",
    "haproxy": "[haproxy]\n  lb 10.0.0.9\n[ps] vip=10.9.9.9:80 %\n  w1 10.0.0.2\n",
    "nginx": "[nginx]\n  lb 10.0.0.9\n[ps] port=80 nginx.upstream=u %\n  w1 10.0.0.2\n",
    "httpd": '[www] httpd.name=a httpd.proxy="/ ps"\n  lb 10.0.0.9 [httpd] %\n[ps] port=80\n  w1 10.0.0.2\n',
    "ssh_config": "[ps]\n  w1 10.0.0.2 %\n",
    "known_hosts": f'[ps]\n  w1 10.0.0.2 ssh.hostkey="{KEY}" %\n',
    "hosts": "[ps]\n  w1 10.0.0.2 %\n",
    "zone": "[dns]\n  w1 10.0.0.2 %\n",
    "prometheus": "[prometheus]\n  p1 10.0.0.3\n[ps] metrics.port=9100 %\n  w1 10.0.0.2\n",
}
"""A text for each format; `%` is where a property stands."""


def words(name: str, content: str) -> set[str]:
    """The keywords of a text, as the program takes them."""
    if name == "keepalived":
        return {one.keyword for one in _flat(parse_keepalived(content).statements)}
    if name == "haproxy":
        return {line[0] for section in parse_haproxy(content) for line in section.lines if section.words[0] != "global"}
    if name in ("nginx", "httpd"):
        return {one.words[0] for one in _directives({"nginx": parse_nginx, "httpd": parse_httpd}[name](content))}
    if name == "ssh_config":
        return {key for block in parse_ssh_config(content) for key, _ in block.settings}
    if name == "zone":
        return {line.split()[0] for line in content.splitlines() if line.startswith("$")}
    if name == "known_hosts":
        return {line.split()[0] for line in content.splitlines() if line.startswith(("@", "|"))}
    if name == "hosts":
        return {line.split()[0] for line in content.splitlines() if line and not line.startswith("#")}
    return set(re.findall(r"^ *(\w+):", content, re.MULTILINE))


def _flat(statements) -> Iterator:  # type: ignore[no-untyped-def, type-arg]
    for one in statements:
        yield one
        yield from _flat(one.block or ())


def _directives(found) -> Iterator:  # type: ignore[no-untyped-def, type-arg]
    for one in found:
        yield one
        yield from _directives(one.block or ())


EXPECTED: dict[str, Callable[[str], bool]] = {
    "keepalived": lambda word: word not in ("include", "includea", "notify", "script", "vrrp_script", "misc_dynamic"),
    "haproxy": lambda word: not word.startswith(("lua", "external", "program", "command", "include")),
    "nginx": lambda word: (
        word in ("upstream", "server", "keepalive", "ip_hash", "least_conn", "random", "hash", "zone")
    ),
    "httpd": lambda word: not word.startswith(("Load", "Script", "Action", "ErrorLog", "CustomLog", "Pipe", "Ext")),
    "ssh_config": lambda word: word in ("hostname", "user", "port", "proxyjump"),
    "known_hosts": lambda word: False,
    "hosts": lambda word: word in ("10.0.0.2", "127.0.0.1", "::1", "ff02::1", "ff02::2"),
    "zone": lambda word: word in ("$ORIGIN", "$TTL"),
    "prometheus": lambda word: True,
}


@pytest.mark.parametrize("name", FORMATS)
def test_no_value_of_any_property_becomes_a_directive(name: str) -> None:
    accepted = 0
    for key in KEYS:
        for text in COMMANDS:
            try:
                found = made(name, HEAD + FORMATS[name].replace("%", f"{key}={quoted(text)}"), allowed=Allowed())
            except (EmitterError, MatrixError):
                continue  # a value that the language or the format refuses
            for one in found:
                if errors(one):
                    continue  # it is brought to no host
                accepted += 1
                strange = {word for word in words(name, one.content.decode()) if not EXPECTED[name](word)}
                assert not strange, (key, text)
    assert accepted > 100
