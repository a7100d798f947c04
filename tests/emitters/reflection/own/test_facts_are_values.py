"""What a template or a program can hold of a MATRIX is a value: equal by what it says, hashed and sorted so."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping

import pytest
from reflecting import entry_of

import matrix_common
import matrix_emitters
import matrix_grammar
import matrix_sources
from matrix_emitters.artifacts import Artifact, Manifest, describe, digest_of
from matrix_emitters.bindings import build
from matrix_emitters.reflection import reflect, removals
from matrix_emitters.reflection.model import Scene, body, read_check, services_of
from matrix_emitters.reflection.model.scene import Stage
from matrix_emitters.reflection.own.facts import FleetFacts, HostFacts, MemberFacts, RoleFacts, ServiceFacts
from matrix_emitters.view import BindingOptions, View
from matrix_grammar import Fleet
from matrix_grammar.diagnostics.catalogue import CODES
from matrix_grammar.difference import compare
from matrix_grammar.reading import loads, reads
from matrix_grammar.selectors import HostSet
from matrix_grammar.syntax import parse, written
from matrix_sources.registry import draft


def public_names() -> dict[str, object]:
    """What every folder of the pure packages exports."""
    names: dict[str, object] = {}
    for package in (matrix_common, matrix_grammar, matrix_sources, matrix_emitters):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.ispkg:
                folder = importlib.import_module(found.name)
                names |= {name: getattr(folder, name) for name in getattr(folder, "__all__", ())}
    return names


PUBLIC = public_names()

MATRIX = """
@domain example.jp
@state DRAIN out
@property floor int
@site tky1
[ps] "page servers" vip=203.0.113.80:80 vip=203.0.113.80:443 sched=wlc check=tcp
    w10  10.6.1.10  weight=5  "first"
    w2   10.6.1.2   [ps weight=7 WARN: fan]  [log]
    w3   10.6.1.3   [STOP: disk]
[db.slave]
    db2  10.6.3.2
[db.master]
    db1  10.6.3.1
@group front = ps
"""

CONDITION = "hostssl all all {{ other.address }}/32 md5"

TEMPLATES = [
    ("{{ fleet.host('db1') == fleet.host('DB1.example.jp') }}", "true"),
    ("{{ fleet.host('db1') == host }} {{ fleet.host('db2') != host }}", "true true"),
    ("{{ fleet.host('db1') != host }}", "false"),
    ("{{ host in fleet.role('db').hosts }} {{ fleet.host('w3') in fleet.role('db').hosts }}", "true false"),
    ("{{ host == host.of('db') }} {{ host.of('db') in fleet.role('db.master').hosts }}", "true true"),
    (f"{{% for other in fleet.role('db').hosts if other != host %}}{CONDITION}{{% endfor %}}",
     "hostssl all all 10.6.3.2/32 md5"),
    ("{{ fleet.hosts | sort | join(' ') }}", "db1 db2 w10 w2 w3"),
    ("{{ fleet.hosts | sort(reverse=true) | first }} {{ fleet.hosts | max }} {{ fleet.hosts | min }}", "w3 w3 db1"),
    ("{{ (fleet.role('ps').hosts + fleet.role('log').hosts) | unique | join(' ') }}", "w10 w2 w3"),
    ("{{ fleet.roles | sort | join(' ') }}", "db db.master db.slave log ps"),
    ("{{ fleet.role('ps') == fleet.role('ps') }} {{ fleet.role('ps') in fleet.roles }}", "true true"),
    ("{{ fleet.role('ps') == fleet.role('log') }} {{ fleet.role('db') == host }}", "false false"),
    ("{{ fleet == fleet }}", "true"),
    ("{% for s in services if s == services[0] %}{{ s }}{% endfor %}", "203.0.113.80:80"),
    ("{{ services | sort(reverse=true) | join(' ') }}", "203.0.113.80:80 203.0.113.80:443"),
    ("{{ services | map(attribute='members') | map('first') | unique | join(' ') }}", "w10"),
    ("{{ fleet.host('w10') in services[0].members }} {{ fleet.host('w3') in services[0].members }}", "true false"),
    ("{% for of, found in services | groupby('role') %}{{ of }}={{ found | length }}{% endfor %}", "ps=2"),
    ("{% for one, found in (fleet.role('ps').hosts + fleet.role('log').hosts) | map(attribute='name') | groupby(0) %}"
     "{{ one }}{{ found | length }}{% endfor %}", "w4"),
    ("{{ {fleet.host('w2'): 'seen'}[fleet.role('log').hosts[0]] }}", "seen"),
    ("{{ host == 'db1' }} {{ host < fleet.host('db2') }} {{ host <= host }}", "false true true"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), TEMPLATES)
def test_own_templates_compare_what_they_hold(template: str, expected: str) -> None:
    entry = entry_of("own", template="own.j2", path="/etc/own", hosts="db1")
    templates = {"own.j2": "{% set ps = services %}" + template}
    (found,) = reflect(loads(MATRIX), 7, entry, templates)
    assert body(found.content).decode() == expected


def test_a_host_of_another_fleet_is_the_same_when_all_is_said_of_it_alike() -> None:
    one, other = FleetFacts(loads(MATRIX), "tky1"), FleetFacts(loads("# moved\n" + MATRIX), "tky1")
    changed = FleetFacts(loads(MATRIX.replace("10.6.3.1", "10.6.3.9")), "tky1")
    assert one == other
    assert {one, other} == {one}
    assert one.host("db1") == other.host("db1") != changed.host("db1")
    assert one.role("db") == other.role("db")
    assert one != changed


def test_different_kinds_have_no_order_among_them() -> None:
    facts = FleetFacts(loads(MATRIX), None)
    with pytest.raises(TypeError):
        assert facts.host("db1") < facts.role("db")
    with pytest.raises(TypeError):
        assert loads(MATRIX).host("db1") < loads(MATRIX).role("db")


def test_what_has_a_name_is_sorted_by_it() -> None:
    fleet = loads(MATRIX)
    assert [host.name for host in sorted(fleet.hosts)] == ["db1", "db2", "w10", "w2", "w3"]
    assert [role.name for role in sorted(fleet.roles.values())] == ["db", "db.master", "db.slave", "log", "ps"]
    assert [state.name for state in sorted(fleet.states.values(), reverse=True)] == ["WARN", "STOP", "DRAIN"]
    assert max(fleet.property_types.values()).name == "weight"
    assert sorted(fleet.groups.values()) == list(fleet.groups.values())
    assert sorted(services_of(fleet), reverse=True)[0].endpoint == "203.0.113.80:80"
    members = services_of(fleet)[0].members
    assert sorted(members) == sorted(members, reverse=True)[::-1]


def held() -> Iterator[object]:
    """Something of every kind that a user can hold, made anew at each call."""
    text = MATRIX.lstrip()
    fleet = loads(text)
    entry = entry_of("own", template="own.j2", path="/etc/own", hosts="db1")
    scene = Scene(Stage(fleet, 7, entry), fleet.host("db1"))
    reading = reads(text.replace("weight=5", "weigth=5") + "w1 10.0.0.1 [STOP]\nw1 10.0.0.1\n")
    yield from (fleet, fleet.select("ps"), reading, parse("MATRIX", text), CODES["M001"], *reading.notices)
    yield from (
        *written(reads(text).sources, ["sched"]),
        draft("hosts", "10.0.0.1 a\n10.0.0.2 b\n10.0.0.3 -c\n", "hosts"),
    )
    yield from compare(fleet, loads(text.replace("10.6.3.1", "10.6.3.9")))
    yield from reads("w1 10.0.0.1 os=debi\u0430n\n[web] sched=wcl\n w2 10.0.0.2\n").notices
    artifacts = build(fleet, 7)
    yield from (*artifacts, _manifest(artifacts), scene, entry, read_check("tcp", "x"))
    view = View(fleet, 7, BindingOptions.from_settings({"bindings": {"files": {"/etc/dsas.py": {"mode": "0640"}}}}))
    yield from (view, *view.roles, *view.groups, *services_of(fleet))
    away = loads(text.replace("weight=5", "[STOP]").replace("WARN: fan]", "STOP: fan]"))
    lvs = entry_of("keepalived", hosts="db1")
    (before,), (after,) = reflect(fleet, 7, lvs, {}), reflect(away, 7, lvs, {})
    yield from (before, after, *removals(lvs, before.content, after.content))
    facts = FleetFacts(fleet, "tky1")
    yield from (facts, facts.host("db1"), facts.role("ps"))
    services = [ServiceFacts(service) for service in services_of(fleet)]
    yield from (*services, *services[0].members)


def _manifest(artifacts: tuple[Artifact, ...]) -> Manifest:
    described = describe(artifacts)
    return Manifest(7, "", digest_of(described), "2026-11-29T00:00:00Z", "root@h", "MATRIX", described)


def parts(thing: object, seen: dict[int, object]) -> Iterator[object]:
    """A thing and all of our kinds that it is made of."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    if type(thing).__module__.startswith("matrix_"):
        yield thing
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from parts(getattr(thing, field.name), seen)
    elif isinstance(thing, Fleet):
        for table in (thing.hosts, thing.roles, thing.groups, thing.states, thing.property_types):
            yield from parts(table, seen)
    elif isinstance(thing, View):
        yield from parts(thing.options, seen)
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from parts(value, seen)
    elif isinstance(thing, tuple | list):
        for value in thing:
            yield from parts(value, seen)


SERVES = {
    "Closing", "DiskLibrary", "Emitter", "Judge", "Language", "Library", "MemoryLibrary", "Notifier", "Original",
    "OverlayLibrary", "Reader", "RecordBinding", "Reflector", "SafeStream", "Slips", "Troubled",
}  # fmt: skip
"""What does something rather than says something, or is the base of what does."""

ELSEWHERE = {
    "Conflict", "Family", "ImportKind", "ImportOption", "Included", "KeepalivedConf", "KeepalivedStatement", "Line",
    "Marker", "Name", "Pattern", "PropertyTable", "Quoted", "Row", "Sample", "Setting", "Trouble",
    "Trusted", "Verdict",
}  # fmt: skip
"""What no template and no emitter is given; dataclasses and texts all the same, which the next test holds."""


def test_every_public_kind_is_equal_and_hashed_by_what_it_says() -> None:
    first, second = (list(parts(list(held()), {})) for _ in range(2))
    assert len(first) == len(second)
    kinds = set()
    for one, other in zip(first, second, strict=True):
        kinds.add(type(one).__name__)
        assert one == other, one
        assert hash(one) == hash(other), one
        assert len({one, other}) == 1
        assert other in [one]
        assert one != object()
    ours = {name for name, found in PUBLIC.items() if inspect.isclass(found) and not issubclass(found, BaseException)}
    assert ours - kinds - SERVES - ELSEWHERE == set()
    assert {kind.__name__ for kind in (FleetFacts, HostFacts, MemberFacts, RoleFacts, ServiceFacts, HostSet)} <= kinds


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_the_others_compare_by_content_too(name: str) -> None:
    kind = PUBLIC[name]
    assert issubclass(kind, str | tuple) or (dataclasses.is_dataclass(kind) and kind.__eq__ is not object.__eq__)
    assert kind.__hash__ is not None
