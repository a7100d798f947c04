"""HTTP as RFC 9110 has it: validators, conditions, compression, and what a cache may do."""

from __future__ import annotations

import gzip
from email.utils import formatdate, parsedate_to_datetime

import pytest
from dmetad_server import EXAMPLE

from matrix_dmetad.http.negotiation import accepted, accepts_gzip

BIG = "/ps.json?recursive"


def test_the_same_bytes_have_the_same_strong_etag_and_other_bytes_another(example):
    first, again, other = example.get("/ps/node"), example.get("/ps/node.sh"), example.get("/ps/node.json")
    assert first.headers["ETag"].startswith('"')
    assert first.headers["ETag"] == again.headers["ETag"] != other.headers["ETag"]


@pytest.mark.parametrize("spelling", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_the_answer_already_gets_304_without_a_body(example, spelling):
    etag = example.get("/ps/node").headers["ETag"]
    answer = example.get("/ps/node", If_None_Match=spelling.format(etag))
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", etag)
    assert answer.headers["X-Matrix-Generation"]
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert answer.headers["Content-Type"] is None
    assert example.get("/ps/node", If_None_Match='"other"').status == 200


def test_a_time_counts_where_no_tag_is_given(example):
    answer = example.get("/ps/node")
    modified = answer.headers["Last-Modified"]
    assert parsedate_to_datetime(modified).timestamp() == int(EXAMPLE.stat().st_mtime)
    earlier = formatdate(EXAMPLE.stat().st_mtime - 60, usegmt=True)
    assert example.get("/ps/node", If_Modified_Since=modified).status == 304
    assert example.get("/ps/node", If_Modified_Since=earlier).status == 200
    assert example.get("/ps/node", If_Modified_Since="yesterday").status == 200
    assert example.get("/ps/node", If_Modified_Since=modified, If_None_Match='"other"').status == 200


def test_a_big_answer_comes_compressed_to_who_takes_it_with_an_etag_of_its_own(example):
    plain = example.get(BIG)
    zipped = example.get(BIG, Accept_Encoding="gzip, deflate, br")
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    assert len(zipped.body) == int(zipped.headers["Content-Length"]) < len(plain.body)
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    for etag in (plain.headers["ETag"], zipped.headers["ETag"]):
        assert example.get(BIG, Accept_Encoding="gzip", If_None_Match=etag).headers["ETag"] == etag
    assert example.get(BIG, Accept_Encoding="gzip;q=0").headers["Content-Encoding"] is None


def test_a_small_answer_is_not_compressed(example):
    assert example.get("/ps/node", Accept_Encoding="gzip").headers["Content-Encoding"] is None


def test_caches_ask_again_and_keep_apart_what_depends_on_who_asks(example):
    assert example.get("/ps/node").headers["Cache-Control"] == "no-cache"
    assert example.get("/@self").headers["Cache-Control"] == "private, no-cache"
    assert example.get("/nosuch").headers["Cache-Control"] == "no-store"


def test_every_answer_names_the_generation_and_is_what_it_says(example):
    for path in ("/ps/node", "/nosuch", "/ps?format=html", "/@host/w104.json"):
        answer = example.get(path)
        assert answer.headers["X-Matrix-Generation"].startswith("0-")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_request_that_came_before_is_answered_alike_whoever_sends_it(example):
    first = [example.get("/db/vip.json", X_Test="same") for _ in range(4)]
    assert {answer.body for answer in first} == {b'["10.6.0.30:3306"]\n'}
    kept = [{k: v for k, v in answer.headers.items() if k != "date"} for answer in first]
    assert kept == [kept[0]] * 4
    assert all(answer.headers["Date"] for answer in first)


def test_the_way_of_a_known_request_is_counted_too(example):
    before = (
        example.metric('requests_total{status="200",format="yaml"}') if "yaml" in example.get("/@metrics").text else 0
    )
    for _ in range(5):
        example.get("/xen/node.yaml")
    assert example.metric('requests_total{status="200",format="yaml"}') == before + 5


@pytest.mark.parametrize(
    ("header", "forms"),
    [
        (None, ("sh", "text", "json", "yaml")),
        (b"", ("sh", "text", "json", "yaml")),
        (b"*/*", ("sh", "text", "json", "yaml")),
        (b"application/json", ("json",)),
        (b"text/*", ("sh", "text")),
        (b"application/*", ("json", "yaml")),
        (b"text/plain;q=0.5, application/yaml", ("yaml", "text")),
        (b"application/json;q=0, */*", ("sh", "text", "yaml")),
        (b"text/html,application/xhtml+xml,*/*;q=0.8", ("html", "sh", "text", "json", "yaml")),
        (b"APPLICATION/JSON ; Q=1.0", ("json",)),
        (b"image/png", ()),
        (b"application/json;q=nan", ()),
        (b",,;;q=,\xff/*", ()),
    ],
)
def test_what_an_accept_header_means(header, forms):
    assert accepted(header) == forms


@pytest.mark.parametrize(
    ("header", "yes"),
    [(None, False), (b"gzip", True), (b"br, GZIP;q=0.1", True), (b"*", True), (b"gzip;q=0, *", False), (b"br", False)],
)
def test_what_an_accept_encoding_header_means(header, yes):
    assert accepts_gzip(header) is yes
