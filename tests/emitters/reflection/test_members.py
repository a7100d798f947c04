"""Who gets traffic, read back from the text of every load balancer, is who the MATRIX says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import entry_of, errors, only

from matrix_emitters.reflection import removals
from matrix_emitters.reflection.model import reflector
from matrix_emitters.reflection.model.scene import Scene, Stage
from matrix_grammar.reading import loads

SERVICES = {
    "nginx": "pages",
    "haproxy": "203.0.113.80:80",
    "httpd": "balancer://ps",
}


@dataclass(frozen=True)
class Drawn:
    """A host of the pool as it was drawn, and whether it is to get traffic."""

    address: str
    line: str
    serves: bool


@st.composite
def hosts(draw: st.DrawFn) -> list[Drawn]:
    drawn = []
    for number in range(draw(st.integers(0, 8))):
        address = f"10.0.0.{number + 1}"
        weight = draw(st.sampled_from([None, 0, 1, 7, 100]))
        own = draw(st.sampled_from([None, "WARN", "STOP", "DRAIN", "LATER"]))
        in_role = draw(st.sampled_from([None, "WARN", "STOP"]))
        words = [f"h{number}", address]
        words += [f"weight={weight}"] if weight is not None else []
        words += [f"[{own}: why not]"] if own else []
        words += [f"[ps {in_role}: why not]"] if in_role else ["[ps]"]
        serves = weight != 0 and own not in ("STOP", "DRAIN") and in_role != "STOP"
        drawn.append(Drawn(address, " ".join(words), serves))
    return drawn


@pytest.mark.parametrize("name", sorted(SERVICES))
@settings(deadline=None, max_examples=50)
@given(drawn=hosts())
def test_stop_is_taken_out_warn_stays_and_nobody_else_comes_in(name: str, drawn: list[Drawn]) -> None:
    text = f"""
@state DRAIN out "finishing"
@state LATER in  "look at it on Monday"
[{name}]
    balancer  10.9.9.9  [www]
[www] httpd.name=www httpd.proxy="/ ps"
[ps] vip=203.0.113.80:80 nginx.upstream=pages
    always  10.0.0.200
""" + "".join(f"{one.line}\n" for one in drawn)
    found = only(name, text)
    assert errors(found) == []
    serving = reflector(name).serving(found.content.decode())
    assert serving == {SERVICES[name]: frozenset({"10.0.0.200", *(one.address for one in drawn if one.serves)})}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_change_that_takes_most_members_away_is_told(name: str) -> None:
    def text(*states: str) -> str:
        hosts = "".join(f"    m{number}  10.0.0.{number}  {state}\n" for number, state in enumerate(states))
        site = f'[{name}]\n    b 10.9.9.9 [www]\n[www] httpd.name=www httpd.proxy="/ ps"\n'
        return f"{site}[ps] vip=203.0.113.80:80 nginx.upstream=pages\n{hosts}"

    def told(*states: str) -> list[str]:
        new = only(name, text(*states))
        return [str(one) for one in removals(new.entry, before.content, new.content, loads(text("", "", "")))]

    before = only(name, text("", "", ""))
    assert told("", "[WARN]", "weight=9") == []
    assert told("", "", "[STOP]") == []
    assert told("", "[STOP]", "[STOP]") == [f"{SERVICES[name]} loses 2 of its 3 members: m1, m2"]
    assert told("[STOP]", "weight=0", "[STOP]") == [f"{SERVICES[name]} loses all its 3 members: m0, m1, m2"]


SITE = """
@domain example.jp
@default ssh.user=root metrics.port=9100
[all-of-them]
    b  10.9.9.9  [nginx]  [haproxy]  [httpd]  [www]  [dns]  [prometheus]
[www] httpd.name=www httpd.proxy="/ ps" httpd.allow="/a ps"
[ps] vip=203.0.113.80:80 nginx.upstream=pages
    m  10.0.0.1  weight=7
       ssh.hostkey="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfkNV4OS33ImTXvorZr72q4v5XhVEQKfvqsxOEJ/XaR"
"""


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *((name, change) for name in SERVICES for change in (("10.0.0.1:80", "10.0.0.1:81"), ("7", "8"))),
        *((name, ("10.0.0.1", "10.0.0.9")) for name in (*SERVICES, "hosts", "ssh_config", "known_hosts", "prometheus")),
        *(("zone", change) for change in (("10.0.0.1", "10.0.0.9"), ("NS\tb", "NS\tc"))),
        *(("httpd", change) for change in (("Require ip", "Require host"), ("/a>", "/b>"))),
        ("haproxy", ("bind 203.0.113.80:80", "bind 203.0.113.80:81")),
        ("nginx", ("upstream pages", "upstream page")),
        ("hosts", ("10.0.0.1\t", "10.0.0.9\tevil\n10.0.0.1\t")),
        ("known_hosts", ("XaR", "XaQ")),
        ("ssh_config", ("User root", "User toor")),
    ],
)
def test_a_text_that_says_something_else_is_found_out(name: str, wrong: tuple[str, str]) -> None:
    fleet = loads(SITE)
    entry = entry_of(name)
    scene = Scene(Stage(fleet, 7, entry), fleet.host("b") if entry.each else None)
    made = reflector(name)
    good = made.text(scene)
    assert wrong[0] in good
    assert "error" not in [finding.severity for finding in made.findings(scene, good)]
    assert "error" in [finding.severity for finding in made.findings(scene, good.replace(*wrong))]
