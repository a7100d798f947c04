"""The check lines of the built-ins on a host: they take what is generated, and keep what is broken from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from matrix_parts import require

from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import Reflected, entries
from matrix_grammar.reading import loads

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfkNV4OS33ImTXvorZr72q4v5XhVEQKfvqsxOEJ/XaR"
MATRIX = f"""
@domain example.jp
@default metrics.port=9100
[all-here]
    w1  10.0.0.1  [dns] [prometheus] [nginx] [haproxy]  ssh.hostkey="{KEY}"
[ps] vip=203.0.113.80:80 nginx.upstream=pages
    w2  10.0.0.2  dns.txt="a;b"
"""
BROKEN = {
    "hosts": ("grep", b"nonsense\n"),
    "ssh_config": ("ssh", b"Host x\n    NoSuchWord y\n"),
    "known_hosts": ("ssh-keygen", b"w1 ssh-ed25519 AAAA\n"),
    "prometheus": ("test", b""),
    "zone": ("named-checkzone", b"$ORIGIN example.jp.\nw1 IN A 10.0.0.1\n"),
    "nginx": ("nginx", b"upstream pages {\n}\n"),
    "haproxy": ("haproxy", b"backend x\n    nosuchword\n"),
}


def made(name: str, generation: int) -> Reflected:
    (entry,) = (one for one in entries({name: {"apply": ""}}) if one.name == name)
    (found,) = reflect(loads(MATRIX), generation, entry, only=["w1"])
    return found


@pytest.mark.parametrize("host", ["dash"], indirect=True)
@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_check_takes_what_is_generated_and_refuses_what_is_broken(
    host,  # type: ignore[no-untyped-def]
    name: str,
    applied: Callable[..., ReflectOutcome],
    strays: Callable[..., list[str]],
) -> None:
    program, broken = BROKEN[name]
    require(program)
    good = made(name, 7)
    outcome = applied(host, good)
    assert (outcome.result, outcome.change, outcome.output) == ("ok", "new", b"")
    assert applied(host, made(name, 8)).change == "same"  # another generation alone
    outcome = applied(host, replace(good, content=broken))
    assert (outcome.result, outcome.stage) == ("failed", "check"), outcome
    place = host.root / good.entry.path.lstrip("/")
    assert place.read_bytes() == good.content
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert strays(host.root) == []
