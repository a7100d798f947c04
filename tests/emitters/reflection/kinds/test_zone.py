"""zone: named-checkzone accepts it, and says the same records."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import HOSTILE, checked, errors, lines_that_differ, made, only, quoted, run

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.zone.records import ZONE, parse_zone
from matrix_emitters.reflection.model import Reflected, body

MATRIX = """
@domain example.jp
[dns]
    ns1  10.6.0.53
    ns2  10.6.1.53
[ps] vip=203.0.113.80:80 vip="[2001:db8::80]:80" vip=203.0.113.80:443 vip.name=www vip.name=www vip.name=secure
    w1   10.6.1.1   2001:db8::1:1  alias=old  alias=old.elsewhere.net
    w2   10.6.1.2   [STOP: disk]
[mx] dns.mx=10
    mail  10.6.4.1  dns.txt="v=spf1 mx -all"
gw.example.net  192.0.2.1
"""


def canonical(reflected: Reflected, folder: Path, origin: str) -> list[str]:
    """The records as named itself understands them, without the SOA."""
    (folder / "zone").write_bytes(reflected.content)
    result = run("named-checkzone", "-q", "-D", "-o", str(folder / "named"), origin, str(folder / "zone"))
    assert result.returncode == 0, run("named-checkzone", origin, str(folder / "zone")).stdout
    lines = (folder / "named").read_text().splitlines()
    return sorted(re.sub(r"\s+\d+ IN (\S+)\s+", r" \1 ", line) for line in lines if " SOA" not in line)


@pytest.mark.needs("named-checkzone")
def test_named_reads_the_names_that_the_matrix_says(tmp_path: Path) -> None:
    zone = only("zone", MATRIX)
    assert errors(zone) == []
    assert checked(zone, tmp_path).returncode == 0
    assert canonical(zone, tmp_path, "example.jp") == sorted(
        [
            "example.jp. NS ns1.example.jp.",
            "example.jp. NS ns2.example.jp.",
            "ns1.example.jp. A 10.6.0.53",
            "ns2.example.jp. A 10.6.1.53",
            "w1.example.jp. A 10.6.1.1",
            "w1.example.jp. AAAA 2001:db8::1:1",
            "old.example.jp. CNAME w1.example.jp.",
            "w2.example.jp. A 10.6.1.2",
            "example.jp. MX 10 mail.example.jp.",
            "mail.example.jp. A 10.6.4.1",
            'mail.example.jp. TXT "v=spf1 mx -all"',
            "www.example.jp. A 203.0.113.80",
            "www.example.jp. AAAA 2001:db8::80",
            "secure.example.jp. A 203.0.113.80",
        ]
    )


@pytest.mark.needs("named-checkzone")
@pytest.mark.parametrize(
    ("network", "origin", "expected"),
    [
        (
            "10.6.0.0/16",
            "6.10.in-addr.arpa",
            ["1.1 w1", "1.4 mail", "2.1 w2", "53.0 ns1", "53.1 ns2"],
        ),
        (
            "2001:db8::/32",
            "8.b.d.0.1.0.0.2.ip6.arpa",
            ["0.8" + ".0" * 22 + " www", "1.0.0.0.1" + ".0" * 19 + " w1"],
        ),
        ("203.0.113.0/24", "113.0.203.in-addr.arpa", ["80 www"]),
    ],
)
def test_named_reads_the_addresses_of_a_network(tmp_path: Path, network: str, origin: str, expected: list[str]) -> None:
    zone = only("zone", MATRIX, zone=network)
    assert errors(zone) == []
    assert checked(zone, tmp_path).returncode == 0
    pointers = [line for line in canonical(zone, tmp_path, origin) if " PTR " in line]
    wanted = [f"{one.split()[0]}.{origin}. PTR {one.split()[1]}.example.jp." for one in expected]
    assert pointers == sorted(wanted)


def test_the_serial_is_the_generation_and_alone_no_change() -> None:
    def serial(zone: Reflected) -> int:
        return int(parse_zone(zone.content.decode())[0].data[2])

    seven, eight = only("zone", MATRIX, 7), only("zone", MATRIX, 8)
    assert (serial(seven), serial(eight)) == (7, 8)
    assert body(seven.content) == body(eight.content)
    assert serial(only("zone", MATRIX, 8, serial=2026112400)) == 2026112408


def test_one_host_more_is_one_line_more() -> None:
    gone, new = lines_that_differ(only("zone", MATRIX), only("zone", MATRIX + "w9 10.6.1.9\n"))
    assert (gone, new) == ([], ["w9\tIN\tA\t10.6.1.9"])


@pytest.mark.needs("named-checkzone")
def test_hostile_text_stays_text(tmp_path: Path) -> None:
    lines = [f"h{number} 10.0.1.{number} dns.txt={quoted(text)}" for number, text in enumerate(HOSTILE)]
    zone = only("zone", "@domain example.jp\nns 10.0.0.1 [dns]\n" + "\n".join(lines) + "\n")
    assert errors(zone) == []
    found = [line for line in canonical(zone, tmp_path, "example.jp") if " TXT " in line]
    told = parse_zone("$ORIGIN .\n" + "\n".join(line.replace(" TXT ", " IN TXT ") for line in found) + "\n")
    texts = {record.owner.partition(".")[0]: "".join(record.data) for record in told}
    assert texts == {f"h{number}": text.encode().decode("latin-1") for number, text in enumerate(HOSTILE)}
    assert len(canonical(zone, tmp_path, "example.jp")) == 2 + 2 * len(HOSTILE)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_one_record_of_character_strings(text: str) -> None:
    (record,) = parse_zone(f"$ORIGIN x.\na\tIN\tTXT\t{ZONE.literal(text)}\n")
    assert all(len(part) <= 255 for part in record.data)
    assert "".join(record.data).encode("latin-1").decode() == text


@pytest.mark.needs("named-checkzone")
@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("my_host 10.0.0.9\n", "my_host.example.jp may not own an address"),
        ("a- 10.0.0.9\n", "a-.example.jp may not own an address"),
        ("x 10.0.0.9 alias=w1\n", "w1.example.jp is an alias and something else as well"),
        ("x 10.0.0.9 alias=old\n", "old.example.jp is an alias and something else as well"),
        ("[dns]\n    ns3 -\n", "the NS of example.jp, ns3.example.jp, has no address in the zone"),
    ],
)
def test_what_named_refuses_our_own_check_says_first(tmp_path: Path, more: str, message: str) -> None:
    zone = only("zone", MATRIX + more)
    assert any(message in error for error in errors(zone)), errors(zone)
    assert checked(zone, tmp_path).returncode != 0


def test_a_host_without_an_address_is_told() -> None:
    assert [f.message for f in only("zone", MATRIX + "vpn -\n").findings] == [
        "without an address, and so unknown in example.jp: vpn"
    ]


def test_a_zone_without_an_address_is_an_error() -> None:
    assert errors(only("zone", MATRIX, zone="example.org")) == ["no address of the MATRIX is in the zone example.org"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"zone": "10.6.0.0/17"}, r"reflect\.zone\.zone: 10.6.0.0/17: the prefix of a reverse zone is a multiple of 8"),
        ({"zone": "10.6.0.0/99"}, r"reflect\.zone\.zone: '10.6.0.0/99' is no network"),
        ({"zone": "a;b"}, r"reflect\.zone\.zone: .* is no host name"),
        ({"ns": ["a b"]}, r"reflect\.zone\.ns is no host name|a name of reflect\.zone\.ns is no host name"),
        ({"ttl": -1}, r"reflect\.zone\.ttl: must be 0 to"),
        ({"mail": "a.b@example.jp"}, r"reflect\.zone\.mail: a dot before the @"),
        ({"mail": "a\n@x"}, "is no domain name"),
    ],
)
def test_a_setting_that_is_wrong_is_refused(table: dict[str, object], message: str) -> None:
    with pytest.raises(EmitterError, match=message):
        made("zone", MATRIX, **table)


@pytest.mark.needs("named-checkzone")
def test_the_check_refuses_an_empty_and_a_broken_zone(tmp_path: Path) -> None:
    good = only("zone", MATRIX)
    for content in (b"", b"$ORIGIN example.jp.\noops\n"):
        assert checked(dataclasses.replace(good, content=content), tmp_path).returncode != 0
