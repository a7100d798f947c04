import pytest

from matrix_grammar.model import Scalar, text
from matrix_grammar.reading import loads, reads

GOOD = [
    ("int", "-5", -5),
    ("int 0..256", "256", 256),
    ("int ..5", "-999", -999),
    ("number", "1.5", 1.5),
    ("number", "2", 2.0),
    ("bool", "true", True),
    ("bool", "false", False),
    ("text", '"a b"', "a b"),
    ("ip", "10.0.0.1", "10.0.0.1"),
    ("ip", "2001:DB8:0:0::1", "2001:db8::1"),
    ("endpoint", "10.0.0.1:80", "10.0.0.1:80"),
    ("endpoint", '"[2001:DB8::1]:80"', "[2001:db8::1]:80"),
    ("url", "https://x.jp/a?b=c#d", "https://x.jp/a?b=c#d"),
    ("duration", "1h30m", "1h30m"),
    ("duration", "500ms", "500ms"),
    ("one-of a b", "b", "b"),
    ("host", "w1", "w1"),
]

BAD = [
    ("int", "1.5"),
    ("int", "007"),
    ("int", "1e3"),
    ("int", "９"),
    ("int 0..256", "257"),
    ("int", "9" * 30),
    ("number", "nan"),
    ("number", "inf"),
    ("number", "1."),
    ("bool", "yes"),
    ("bool", "True"),
    ("ip", "10.0.0"),
    ("ip", "10.0.0.01"),
    ("ip", "w1"),
    ("ip", "fe80::1%eth0"),
    ("ip", "10.0.0.0/8"),
    ("endpoint", "10.0.0.1"),
    ("endpoint", "10.0.0.1:0"),
    ("endpoint", "w1:80"),
    ("endpoint", "10.0.0.1:65536"),
    ("endpoint", "2001:db8::1:80"),
    ("url", "x.jp/a"),
    ("duration", "5"),
    ("duration", "5x"),
    ("duration", '""'),
    ("one-of a b", "c"),
    ("host", "w9"),
]


@pytest.mark.parametrize(("kind", "written", "value"), GOOD)
def test_a_value_of_its_type_is_kept_in_one_spelling(kind: str, written: str, value: Scalar) -> None:
    found = loads(f"@property k {kind}\nw1 -  k={written}\n").host("w1").property("k")
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("kind", "written"), BAD)
def test_a_value_of_another_type_is_an_error(kind: str, written: str) -> None:
    (found,) = reads(f"@property k {kind}\nw1 -  k={written}\n").diagnostics
    assert found.code == ("M048" if kind == "host" else "M031")
    assert found.place.line == 2


def test_a_list_is_always_a_tuple() -> None:
    fleet = loads("@property k int list\nw1 -  k=1\nw2 -  k=1 k=2\n")
    assert [host.property("k") for host in fleet] == [(1,), (1, 2)]


def test_values_are_spelled_one_way() -> None:
    assert [text(value) for value in (True, False, 5, 1.5, "x")] == ["true", "false", "5", "1.5", "x"]


@pytest.mark.parametrize(
    ("written", "cure"),
    [("010.0.0.1", "10.0.0.1"), ("10.0.0.999", "at most 255"), ("10.0.0.1/24", "prefix"), ("web", "[web]")],
)
def test_a_mistyped_address_comes_with_its_cure(written: str, cure: str) -> None:
    (found,) = reads(f"w1  {written}\n").diagnostics
    assert found.code == "M027"
    assert cure in found.cure


def test_an_address_with_a_zone_is_told_how_ssh_config_has_it():
    (found,) = reads("w1 fe80::1%eth0\n").diagnostics
    assert found.code == "M027"
    assert "in ssh_config under the host's name: HostName fe80::1%%eth0" in found.cure
