"""prometheus: target groups that JSON and YAML readers understand alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import HOSTILE, checked, errors, lines_that_differ, made, only, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.prometheus.reflector import FILE_SD
from matrix_emitters.reflection.model import body

MATRIX = """
@default metrics.port=9100 os=debian
@site tky1
@rack A1
[db] metrics.port=9104 metrics.job=mysql metrics.path=/m metrics.scheme=https
    db1  10.0.0.1  [cache]
    db2  10.0.0.2  [WARN: fan]
    db3  10.0.0.3  [STOP: disk]
w1  2001:db8::1
[prometheus]
    mon  -  metrics.port=9090
"""


def test_each_port_of_each_host_in_service_is_a_target_with_what_the_host_is() -> None:
    groups = yaml.safe_load(only("prometheus", MATRIX, labels=["os"]).content)
    at = {"site": "tky1", "rack": "A1", "os": "debian"}
    scrape = {"job": "mysql", "__metrics_path__": "/m", "__scheme__": "https"}
    assert [(group["targets"], group["labels"]) for group in groups] == [
        (["10.0.0.1:9100"], {"host": "db1", **at, "roles": ",db,cache,", "instance": "db1:9100"}),
        (["10.0.0.1:9104"], {"host": "db1", **at, "roles": ",db,cache,", "instance": "db1:9104", **scrape}),
        (["10.0.0.2:9100"], {"host": "db2", **at, "state": "WARN", "roles": ",db,", "instance": "db2:9100"}),
        (["10.0.0.2:9104"], {"host": "db2", **at, "state": "WARN", "roles": ",db,", "instance": "db2:9104", **scrape}),
        (["[2001:db8::1]:9100"], {"host": "w1", **at, "instance": "w1:9100"}),
        (["mon:9090"], {"host": "mon", **at, "roles": ",prometheus,", "instance": "mon:9090"}),
    ]


def test_json_says_the_same_where_the_path_asks_for_it(tmp_path: Path) -> None:
    as_json = only("prometheus", MATRIX, path="/etc/prometheus/matrix.json")
    first, *groups = json.loads(as_json.content)
    assert groups == yaml.safe_load(only("prometheus", MATRIX).content)
    assert first["targets"] == []
    assert "MATRIX generation 7" in first["labels"]["__matrix"]
    assert checked(as_json, tmp_path).returncode == 0


@pytest.mark.parametrize("path", ["/x.yml", "/x.json"])
def test_another_generation_alone_is_no_change(path: str) -> None:
    seven, eight = (only("prometheus", MATRIX, number, path=path).content for number in (7, 8))
    assert seven != eight
    assert body(seven) == body(eight)


@pytest.mark.parametrize("path", ["/x.yml", "/x.json"])
def test_one_host_more_or_less_changes_its_own_line_alone(path: str) -> None:
    few, more = only("prometheus", MATRIX, path=path), only("prometheus", MATRIX + "z9 10.0.0.9\n", path=path)
    gone, new = lines_that_differ(few, more)
    assert gone == []
    assert len(new) == 1


def test_hostile_text_stays_a_label() -> None:
    lines = [f"h{number} 10.0.1.{number} tag={quoted(text)}\n" for number, text in enumerate(HOSTILE)]
    text = "@default metrics.port=1\n[prometheus]\n" + " ".join([" ", *lines])
    for path, read in (("/x.yml", yaml.safe_load), ("/x.json", json.loads)):
        found = only("prometheus", text, path=path, labels=["tag"])
        assert errors(found) == []
        groups = [group for group in read(found.content) if group["targets"]]
        assert [group["labels"]["tag"] for group in groups] == list(HOSTILE)
        assert all(sorted(group["labels"]) == ["host", "instance", "roles", "tag"] for group in groups)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_the_same_to_readers_of_json_and_of_yaml(text: str) -> None:
    spelled = FILE_SD.literal({"key": text})
    assert "\n" not in spelled
    assert json.loads(spelled) == {"key": text}
    assert yaml.safe_load(f"- {spelled}\n") == [{"key": text}]


@pytest.mark.parametrize(
    ("text", "table", "message"),
    [
        (
            "mon 10.0.0.1 [prometheus] metrics.port=70000\n",
            {},
            r"host mon: metrics\.port is .?70000.?, not a whole number from 1 to 65535",
        ),
        ("mon 10.0.0.1 [prometheus] metrics.port=x\n", {}, r"host mon: metrics\.port is 'x', not a whole number"),
        (
            "mon 10.0.0.1 [prometheus] metrics.port=1 metrics.scheme=ftp\n",
            {},
            r"host mon: metrics\.scheme is 'ftp', neither http nor https",
        ),
        (MATRIX, {"labels": ["oss"]}, r"reflect\.prometheus\.labels: no host has a property oss; did you mean os\?"),
        (MATRIX + "x 10.0.0.8 job=1\n", {"labels": ["job"]}, "job would hide the label job"),
    ],
)
def test_what_cannot_be_scraped_is_refused_by_name(text: str, table: dict[str, object], message: str) -> None:
    with pytest.raises(EmitterError, match=message):
        made(
            "prometheus", "".join(f"@property metrics.{key} text list\n" for key in ("port", "scheme")) + text, **table
        )


def test_nothing_to_scrape_is_an_error() -> None:
    assert errors(only("prometheus", "mon 10.0.0.1 [prometheus]\n")) == ["no host in service has metrics.port"]
