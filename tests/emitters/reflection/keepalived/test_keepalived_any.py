"""Any MATRIX: the members of every VIP are whom the selectors name, and one host more changes only its own lines."""

from __future__ import annotations

import re
from pathlib import Path

from balancing import PAIR, keepalived_says
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reflecting import errors, made

from matrix_emitters.reflection.model import body
from matrix_grammar import Fleet
from matrix_grammar.reading import loads
from matrix_sources.keepalived import parse_keepalived

OF_NEWCOMER = re.compile(r"^    real_server \S+ \d+ \{ # newcomer\n.*?^    \}\n", re.MULTILINE | re.DOTALL)

STATES = st.sampled_from(["", "", "", "[WARN: fan]", "[STOP: disk]", "[{role} STOP]", "[{role} WARN]"])
CHECKS = st.sampled_from(
    ["", "check=http:/a", "check=https:444/", "check=tcp:81", "check=smtp", "check=none", 'check="misc:/bin/true x"']
)


@st.composite
def role_lines(draw: st.DrawFn, number: int) -> list[str]:
    """The header and the hosts of a role with VIPs of one or both families, with at least one host that serves."""
    name = f"r{number}"
    vips = [f"vip=203.0.113.{number}:80"]
    if draw(st.booleans()):
        vips.append(f'vip="[2001:db8:80::{number}]:80"')
    lines = [f"[{name}] {' '.join(vips)} {draw(CHECKS)}", f"  {name}-0 10.7.{number}.250 2001:db8:7:{number}::fa"]
    for host in range(1, draw(st.integers(1, 6))):
        six = f"2001:db8:7:{number}::{host}" if draw(st.booleans()) else ""
        state = draw(STATES).format(role=name)
        weight = draw(st.integers(0, 65535))
        lines.append(f"  {name}-{host} 10.7.{number}.{host} {six} {state} weight={weight}")
    return lines


@st.composite
def matrices(draw: st.DrawFn) -> list[str]:
    return [line for number in range(1, draw(st.integers(2, 4))) for line in draw(role_lines(number))]


def expected(fleet: Fleet) -> dict[str, set[str]]:
    """The addresses behind each VIP, found by selectors and states alone."""
    found = {}
    for role in (role for name, role in fleet.roles.items() if name.startswith("r")):
        for vip in role.property("vip") or ():
            six = str(vip).startswith("[")
            serving = [
                h
                for h in fleet.select(f"{role.name}&UP")
                if h.state_in(role.name) is None or h.in_service_in(role.name)
            ]
            addresses = {a for host in serving for a in host.addresses if (":" in a) == six}
            found[str(vip)] = addresses
    return found


@given(matrices())
@settings(max_examples=30, deadline=None)
def test_the_members_are_those_that_the_selectors_name(lines: list[str]) -> None:
    text = PAIR + "\n".join(lines) + "\n"
    for one in made("keepalived", text):
        assert errors(one) == []
        parsed = parse_keepalived(one.content.decode())
        found = {}
        for server in parsed.each("virtual_server"):
            address, port = server.arguments
            vip = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            found[vip] = {real.arguments[0] for real in server.each("real_server")}
        assert found == expected(loads(text))


@given(matrices(), st.data())
@settings(max_examples=20, deadline=None)
def test_one_host_more_or_less_changes_only_its_own_lines(lines: list[str], data: st.DataObject) -> None:
    headers = [number for number, line in enumerate(lines) if line.startswith("[")]
    under = data.draw(st.sampled_from(headers))
    more = [*lines[: under + 1], "  newcomer 10.9.9.9 2001:db8:9::9 weight=3", *lines[under + 1 :]]
    before, after = (body(made("keepalived", PAIR + "\n".join(some) + "\n")[0].content) for some in (lines, more))
    blocks = OF_NEWCOMER.findall(after.decode())
    assert OF_NEWCOMER.sub("", after.decode()) == before.decode()
    assert len(blocks) == lines[under].count("vip=")


@given(matrices())
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_real_keepalived_takes_any_of_them(tmp_path: Path, lines: list[str]) -> None:
    result = keepalived_says(made("keepalived", PAIR + "\n".join(lines) + "\n")[0], tmp_path)
    assert result.returncode == 0, result.stderr
