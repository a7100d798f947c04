"""What a MATRIX means: hosts, roles, states, properties, lookup; and that reading again is cheap and the same."""

import gc
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_grammar import Fleet
from matrix_grammar.diagnostics import MatrixError, SelectorError
from matrix_grammar.reading import Reader, load, loads, read, reads
from matrix_grammar.texts import MemoryLibrary

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "MATRIX"


@pytest.fixture(scope="module")
def example() -> Fleet:
    return load(EXAMPLE)


def names(fleet: Fleet, role: str) -> list[str]:
    return [host.name for host in fleet.role(role).hosts]


def test_the_example_is_read_without_a_warning() -> None:
    reading = read(EXAMPLE)
    assert reading.diagnostics == ()
    assert [Path(source.path).name for source in reading.sources] == ["MATRIX", "osk1.matrix"]
    assert reading.sources[0].content == EXAMPLE.read_bytes()


def test_hosts_come_in_the_order_of_their_lines(example: Fleet) -> None:
    assert [host.name for host in example][:7] == ["lv1", "lv2", "w101", "w102", "w103", "w104", "w105"]


def test_names_addresses_and_values_step_together(example: Fleet) -> None:
    host = example.host("w102")
    assert (host.addresses, host.property("ipmi"), host.property("weight")) == (("10.6.1.102",), "10.9.1.102", 10)


def test_a_sub_role_is_also_its_parent(example: Fleet) -> None:
    assert names(example, "db") == ["db1", "db2"]
    assert names(example, "db.master") == ["db1"]
    assert example.host("db1").membership("db") is not None
    parent = example.role("db.master").parent
    assert parent is not None
    assert [host.name for host in parent.hosts] == ["db1", "db2"]


def test_a_state_takes_a_host_out_of_service_and_says_why(example: Fleet) -> None:
    state = example.host("w105").state
    assert state is not None
    assert (state.name, state.in_service, state.reason) == ("STOP", False, "disk, back 4/20")
    assert example.host("w104").in_service
    assert [host.name for host in example.role("cache").in_service] == ["w104"]


def test_a_property_is_looked_up_from_the_tag_outwards(example: Fleet) -> None:
    w104 = example.host("w104")
    assert w104.property("weight", "cache") == 5
    assert w104.property("weight", "ps") is None
    assert w104.property("sched", "ps") == "wlc"
    assert w104.property("os") == "debian"
    assert example.host("xen1").property("os") == "centos"
    assert example.host("db1").property("check", "db.master") == "tcp"


def test_lookup_order_with_every_place_set() -> None:
    text = (
        "@default k=5\n[a] k=4\n@site s\n[a] k=3\n    w1 -  [a k=1]  k=2\n    w2 -  k=2\n    w3 -\n"
        "@site t\n[a]\n    w4 -\n[b]\n    w5 -\n"
    )
    fleet = loads(text)
    found = [fleet.host(f"w{n}").property("k", "a") for n in range(1, 5)] + [fleet.host("w5").property("k", "b")]
    assert found == ["1", "2", "3", "4", "5"]


def test_a_role_has_a_value_per_site() -> None:
    fleet = loads("@site a\n[ps] vip=192.0.2.1:80\n    w1 -\n@site b\n[ps] vip=192.0.2.2:80\n    w2 -\n")
    role = fleet.role("ps")
    assert role.property("vip", "a") == ("192.0.2.1:80",)
    assert role.property("vip") == ("192.0.2.1:80", "192.0.2.2:80")
    assert fleet.host("w2").property("vip", "ps") == ("192.0.2.2:80",)
    assert fleet.sites == ("a", "b")


def test_a_host_found_by_its_name_has_no_address(example: Fleet) -> None:
    vpn = example.host("VPN.example.net")
    assert (vpn.addresses, vpn.address, vpn.fullname) == ((), "vpn.example.net", "vpn.example.net")
    assert example.host("mail1.example.jp").name == "mail1"


def test_a_line_without_address_adds_wherever_it_stands() -> None:
    fleet = loads('w1  [cache]  os=debian\n[web]\n    w1  10.0.0.1  "note"\n[mx]\n    w1\n')
    host = fleet.host("w1")
    assert (host.roles, host.property("os"), host.note, host.line) == (("cache", "web", "mx"), "debian", "note", 3)


def test_additions_step_with_their_ranges() -> None:
    fleet = loads("w[1-3]  10.0.0.[1-3]\nw[2-3]  [a weight=[5-6]]  port=808[2-3]\n")
    assert [host.property("weight", "a") for host in fleet] == [None, 5, 6]
    assert [host.property("port") for host in fleet] == [None, 8082, 8083]


def test_declarations_hold_wherever_they_stand() -> None:
    fleet = loads("w1 - [OFF] floor=3\n@property floor int\n@state OFF out\n")
    assert fleet.host("w1").property("floor") == 3
    assert not fleet.host("w1").in_service


def test_a_host_names_its_parent_as_that_is_declared() -> None:
    assert loads("Xen1 -\nw1 -  on=xEN1\n").host("w1").property("on") == "Xen1"


def test_a_rack_of_its_own() -> None:
    fleet = loads("@rack A\nw1 -\nw2 -  rack=B\n")
    assert [host.rack for host in fleet] == ["A", "B"]
    assert "rack" not in fleet.property_types


def test_undeclared_properties_are_known_and_repeat_as_lists() -> None:
    fleet = loads('w1 -  dns=a dns=b  ssh.hostkey="x" ssh.hostkey="y"\n')
    assert fleet.host("w1").property("dns") == ("a", "b")
    assert not fleet.property_types["dns"].declared
    assert fleet.host("w1").property("ssh.hostkey") == ("x", "y")


def test_load_raises_one_error_with_all_diagnostics(tmp_path: Path) -> None:
    (tmp_path / "MATRIX").write_text("w1 - [WARM]\nw2 - weight=x\n[c] vip=192.0.2.1:80\n")
    with pytest.raises(MatrixError) as caught:
        load(tmp_path / "MATRIX")
    assert [d.code for d in caught.value.diagnostics] == ["M012", "M031", "M045"]
    assert "MATRIX:1:7: error[M012]: unknown state WARM" in str(caught.value)


def test_unknown_names_asked_of_a_fleet_are_errors(example: Fleet) -> None:
    with pytest.raises(SelectorError, match="unknown host w999"):
        example.host("w999")
    with pytest.raises(SelectorError):
        example.role("sp")


def test_includes_are_sorted_relative_and_keep_their_scopes(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "MATRIX").write_text("@site s\n@include d/*.m\nlast -\n")
    (tmp_path / "d" / "b.m").write_text("b -\n")
    (tmp_path / "d" / "a.m").write_text("@site t\n@default x=1\n@include e/*\na -\n")
    (tmp_path / "d" / "e" / "c.m").write_text("c -\n")
    fleet = load(tmp_path / "MATRIX")
    assert [(h.name, h.site, h.property("x")) for h in fleet] == [
        ("c", "t", "1"),
        ("a", "t", "1"),
        ("b", "s", None),
        ("last", "s", None),
    ]


def test_a_fleet_compares_and_hashes_by_content() -> None:
    one, other = loads("[a]\n  w1 - k=1 j=2\n"), loads("# another layout\n[a]\n\tw1   -   j=2   k=1 # c\n")
    assert one == other
    assert hash(one) == hash(other)
    assert one != loads("[a]\n  w1 - k=1 j=3\n")
    assert {one.host("w1"), other.host("w1")} == {one.host("w1")}


def test_a_fleet_cannot_be_changed(example: Fleet) -> None:
    host = example.host("w104")
    with pytest.raises(FrozenInstanceError):
        host.name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        host.properties["k"] = "v"  # type: ignore[index]
    with pytest.raises(TypeError):
        example.roles["x"] = example.role("ps")  # type: ignore[index]


def test_the_garbage_collector_is_left_as_it_was() -> None:
    class BrokenLibrary(MemoryLibrary):
        def read(self, path: str) -> bytes:
            raise ZeroDivisionError

    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        Reader(BrokenLibrary({})).read("MATRIX")
    assert gc.isenabled()
    gc.disable()
    try:
        reads("w1 -\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


BASE = """@default os=debian
[a] sched=rr
    w1  10.0.0.1  weight=1
    w2  10.0.0.2  [WARN: x]  free=1
[b]
    w3  10.0.0.3
        port=80
    w1
x1  10.0.0.9  on=w1
@group g = a!w2
""".splitlines()

EDITS = [
    "[a] sched=wlc",
    "[c] vip=192.0.2.1:80",
    "@site s",
    "@rack r",
    "@default os=rocky",
    "    w4  10.0.0.4  on=x1",
    "x2 -",
    "@property free int 0..9",
    "@state DRAIN out",
    "w2 [mx]",
    "w3 [STOP]",
    "# comment",
    "",
    "        extra=1",
    "w1 weight=2",
    "@strict",
    "bad line here",
    "w2 [DRAIN]",
    "@domain d",
    "@group h = g",
    "[a.sub]",
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(EDITS), st.booleans()), min_size=1, max_size=6))
def test_a_reader_that_remembers_gives_what_a_fresh_one_gives(edits: list[tuple[int, str, bool]]) -> None:
    texts = {"MATRIX": "\n".join(BASE)}
    reader = Reader(MemoryLibrary(texts))
    lines = list(BASE)
    for at, line, insert in edits:
        place = at % (len(lines) + 1)
        lines[place : place if insert else place + 1] = [line]
        texts["MATRIX"] = "\n".join(lines)
        again, fresh = reader.read("MATRIX"), reads(texts["MATRIX"])
        assert again.diagnostics == fresh.diagnostics
        assert again.fleet == fresh.fleet
        for host, other in zip(again.fleet or (), fresh.fleet or (), strict=True):
            assert (host.file, host.line) == (other.file, other.line)
            assert [host.property(key, role) for role in host.roles for key in ("sched", "os", "vip", "weight")] == [
                other.property(key, role) for role in other.roles for key in ("sched", "os", "vip", "weight")
            ]


def test_lines_that_are_gone_are_let_go_in_the_end() -> None:
    texts: dict[str, str | bytes] = {}
    reader = Reader(MemoryLibrary(texts))
    for turn in range(8):
        texts["MATRIX"] = "".join(f"w{n}  -  k={turn}\n" for n in range(4000))
        fleet = reader.read("MATRIX").fleet
        assert fleet is not None
        assert fleet.hosts[0].property("k") == str(turn)
    assert reader.kept <= 2.5 * 4000 + 4_000


def test_what_was_read_before_stays_as_it_was() -> None:
    texts = {"MATRIX": "[a] sched=rr\n    w1 -\n"}
    reader = Reader(MemoryLibrary(texts))
    before = reader.read("MATRIX").fleet
    texts["MATRIX"] = "# one line more\n[a] sched=wlc\n    w1 -\n"
    after = reader.read("MATRIX").fleet
    assert before is not None
    assert after is not None
    assert (before.host("w1").line, before.host("w1").property("sched", "a")) == (2, "rr")
    assert (after.host("w1").line, after.host("w1").property("sched", "a")) == (3, "wlc")


def test_a_fleet_is_built_once_and_nothing_is_assigned_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assigned: dict[int, list[str]] = {}

    def assign(fleet: Fleet, name: str, value: object) -> None:
        assigned.setdefault(id(fleet), []).append(name)
        vars(fleet)[name] = value

    monkeypatch.setattr(Fleet, "__setattr__", assign)
    fleet = loads("[a]\n    w[1-3]  10.0.0.[1-3]\n@group both=front,w2\n@group front=a&w1\n")
    assert {name: group.hosts for name, group in fleet.groups.items()} == {"both": ("w1", "w2"), "front": ("w1",)}
    assert fleet.select("both&UP").names == ("w1", "w2")
    assert assigned == {id(fleet): ["hosts", "roles", "groups", "states", "property_types"]}
