"""Nothing raw reaches a terminal: hostile words in every field of every command, on a terminal and in a pipe."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from on_terminal import Told, raw

from matrix_console.main import SECTIONS

from .conftest import HOSTILE, Site
from .hostile_fields import BYTES, CASES, LATIN, Case

SEEN = ("<U+001B>]0;own", r"\u001b]0;own", r"\x1b]0;own", "<U+E0041>Z")
"""How it is shown: to people, in JSON, and where a word of the command line is quoted."""

WARNED = re.compile(r"\S*warning\S*M049.*?matrix explain M049", re.DOTALL)
"""What every command says of the text itself, which is not the field in question."""


def test_every_verb_has_a_case() -> None:
    assert set(CASES) == {verb for section in SECTIONS.values() for verb in section}


@pytest.mark.parametrize(
    ("verb", "number"), [(verb, number) for verb, cases in CASES.items() for number in range(len(cases))]
)
def test_nothing_raw_reaches_a_terminal(verb: str, number: int, site: Site) -> None:
    case = CASES[verb][number]
    case.prepare(site)
    words = [_word(word, case, site) for word in case.words.split(" ")]
    before = _kept(site)
    shown = site.call(*words, terminal=True, until=case.until, **{"FORCE_COLOR": "1", **case.environment})
    assert raw(shown.out) == "", _readable(shown)
    assert any(mark in WARNED.sub("", shown.out.decode()) for mark in SEEN), _readable(shown)
    _back(site, before)
    if case.again:
        case.prepare(site)
    piped = site.call(*words, until=case.until, **case.environment)
    if case.data:
        assert any(part in piped.out + piped.err for part in (HOSTILE.encode(), BYTES)), "data is byte for byte"
    elif not case.draft:
        assert raw(piped.out) == "", _readable(piped)
    if not case.data:
        assert raw(piped.err) == "", _readable(piped)
    assert b"Traceback" not in shown.out + piped.out + piped.err, _readable(piped)


@pytest.mark.parametrize("verb", CASES)
def test_a_wrong_word_of_the_command_line_is_told_harmless(verb: str, site: Site) -> None:
    for terminal in (True, False):
        told = site.call(verb, f"--{HOSTILE}", terminal=terminal)
        assert told.status == 2
        assert raw(told.out + told.err) == "", _readable(told)


@pytest.mark.parametrize("words", ["get w1 mark", "show"])
def test_json_is_the_same_value_by_escapes(words: str, site: Site) -> None:
    told = site.call(*words.split(), "--json", terminal=True).out.decode()
    document = told[told.index("\n{") :] if not told.startswith("{") else told
    assert json.dumps(HOSTILE) in json.dumps(json.JSONDecoder().raw_decode(document.strip())[0])


@pytest.mark.parametrize("words", ["forall w[2-3] true", "show"])
def test_a_line_end_in_a_reason_makes_no_line_of_its_own(words: str, site: Site) -> None:
    site.write("MATRIX", (site.folder / "MATRIX").read_text().replace(HOSTILE, r"x\nw9: forged"))
    told = site.call(*words.split())
    assert b"<U+000A>w9: forged" in told.out + told.err
    assert not [line for line in (told.out + told.err).splitlines() if line.startswith(b"w9")]


def _word(word: str, case: Case, site: Site) -> str:
    host = str(site.fleet.hosts["w1"].root)
    known = {"WORD": HOSTILE, "FORM": "".join(case.more), "HOST": f"{host}/var/lib/dsas", "SAY": "cat words"}
    known["SAY"] = f"cat {site.fleet.root}/words"
    if word == "id_ed25519.pub":
        return str(site.fleet.root / word)
    return known.get(word, word.replace("LATIN", LATIN))


def _readable(told: Told) -> str:
    return (
        ascii(told.out.decode("utf-8", "surrogateescape"))[-3000:] + ascii(told.err.decode("utf-8", "replace"))[-3000:]
    )


def _kept(site: Site) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (site.folder / "MATRIX", site.folder / "matrix.toml")}


def _back(site: Site, before: dict[Path, bytes]) -> None:
    """What a run changed is as it was, so that the next one shows the same."""
    for path, content in before.items():
        path.write_bytes(content)
