"""Every exit status that a host's script names stands in its table, with the meaning that people read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue import Reply
from matrix_distributor.hosts import STAGES
from matrix_distributor.hostside.protocol import (
    COPY,
    ENROLL,
    FETCH,
    INSTALL,
    PUT,
    REFLECT,
    RUN,
    SCRIPTS,
    SURVEY,
    Refusal,
    Script,
)
from matrix_distributor.hostside.requests import read_state

REPOSITORY = Path(__file__).parents[2]
DISTRIBUTOR = REPOSITORY / "distributor/matrix_distributor"
SH = REPOSITORY / "emitters/matrix_emitters/bindings/sh/fleetwork"
ROOTS = (DISTRIBUTOR / "hostside/scripts", DISTRIBUTOR / "hostside", DISTRIBUTOR / "enroll", SH)

ENDING = re.compile(r"""\b(?:exit|refuse|end|no)\b(?:\s|\\\n)*\(?\s*([1-9][0-9]+)\b""")
"""A script ends with a number: `exit 75`, `refuse 64 "…"`, `refuse(64, …)`, `end 73 "…"`, `no 74 "…"`."""

ARM = re.compile(r"^\s*([67][0-9])\) (?:stage=|refuse )", re.MULTILINE)
"""A status of another script is told apart: `70) stage=stage ;;`."""

ERROR = re.compile(r"\(([67][0-9]), \$error\)")
"""What install.pl ends with where perl itself fails."""

OF_SHELLS = {127, 143, 255}
"""What sh and ssh end with by themselves, and a child that was ended."""


def files_of(script: Script) -> list[Path]:
    found = []
    for pattern in script.files:
        paths = next((paths for root in ROOTS if (paths := sorted(root.glob(pattern)))), [])
        assert paths, pattern
        found += paths
    return found


def named(text: str) -> set[int]:
    """The statuses that a source names."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    numbers = [match for form in (ENDING, ARM, ERROR) for match in form.findall(code)]
    return {int(number) for number in numbers} - OF_SHELLS


def legends(text: str) -> dict[int, str]:
    """The meanings that the comments of a source give, by status."""
    lines = [line for line in text.splitlines() if re.match(r"#   \d\d ", line)]
    pairs = [re.findall(r"\s(\d\d) (.*?)(?=\s{3,}\d\d |$)", line) for line in lines]
    return {int(number): words.strip() for line in pairs for number, words in line}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_table_has_what_its_scripts_end_with_and_nothing_else(name: str) -> None:
    script = SCRIPTS[name]
    found = set[int]().union(*(named(path.read_text()) for path in files_of(script)))
    if script is REFLECT:  # its `go` runs in copy.sh, whose statuses are its own as well; who is killed says nothing
        found |= named((SH / "host/copy.sh").read_text()) | named((SH / "host/ground.sh").read_text())
        found |= (named((SH / "host/switch.sh").read_text()) & {72, 74}) | {137}
    assert found == script.numbers()


def test_every_source_that_runs_on_hosts_has_a_table() -> None:
    known = {path for script in SCRIPTS.values() for path in files_of(script)}
    sources = [*(DISTRIBUTOR / "hostside/scripts").rglob("*.sh"), *(DISTRIBUTOR / "hostside/scripts").rglob("*.pl")]
    without = [path for path in (*sources, *(SH / "host").glob("*.sh"), *SH.glob("*.sh")) if path not in known]
    assert {path.name: named(path.read_text()) for path in without if named(path.read_text())} == {}


def test_the_comments_of_scripts_name_the_statuses_of_their_tables() -> None:
    seen = 0
    for script in SCRIPTS.values():
        for path in files_of(script):
            told = legends(path.read_text())
            assert told.keys() <= script.numbers(), path
            seen += len(told)
    assert seen > 10


def test_the_sh_functions_name_stages_as_the_table_does() -> None:
    text = (SH / "syncall.sh").read_text()
    arms = re.findall(r"^\s*(7[0-9])\) stage='?(\w+)'? ;;", text, re.MULTILINE)
    assert {int(number): stage for number, stage in arms} == {n: s.stage for n, s in COPY.statuses.items()}


def test_the_sh_functions_look_for_the_words_of_the_table() -> None:
    text = (SH / "syncall.sh").read_text()
    (looked_for,) = re.findall(r"grep -E '(No space left[^']*)'", text)
    words = looked_for.split("|")
    signs = [sign for sign in COPY.signs if sign != "the owner "]  # our own words, which stand in the cause
    assert [next(word for word in words if word in sign) for sign in signs] == words


def test_the_document_has_every_table_as_it_is() -> None:
    text = (REPOSITORY / "docs/operations.md").read_text()
    section = text[text.index("### What an exit status of a host means") :]
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]*) \| ([^|]+) \|$", section, re.MULTILINE)
    expected = [
        (str(status.number), name, status.stage, status.cause)
        for name, script in SCRIPTS.items()
        for status in script.statuses.values()
    ]
    assert [tuple(cell.strip() for cell in row) for row in rows] == expected


def test_every_stage_of_a_table_is_explained() -> None:
    stages = {status.stage for script in SCRIPTS.values() for status in script.statuses.values()} - {""}
    bare = {"query", "install", "load", "files", "enroll", "survey", "copy", "command"}
    assert stages | bare <= STAGES.keys()


@pytest.mark.parametrize("script", [INSTALL, ENROLL, COPY, PUT, SURVEY, FETCH, RUN])
def test_a_status_counts_beside_the_words_of_the_script_alone(script: Script) -> None:
    for number, status in script.statuses.items():
        silent, spoken = (Reply(number, b"", words, 0.0) for words in (b"bash: no\n", b"noise\ndsas: because\n"))
        assert script.meaning(silent) == (status if status.unspoken else None)
        assert script.meaning(spoken) == status


def test_a_refusal_waits_for_a_person_and_says_for_which() -> None:
    answer = read_state(Reply(61, b"", b"dsas: another fleet: this host has 7\n", 0.0), "install")
    assert answer == Refusal(
        "install",
        "another fleet: this host has 7",
        "is it of another site? `matrix adopt` goes on with that one, --force makes it a host of this",
    )
    assert read_state(Reply(61, b"", b"sh: no\n", 0.0), "install") == Trouble(
        "install", "sh: no", "see what the host says"
    )
    assert read_state(Reply(62, b"", b"", 0.0), "query") == Trouble(
        "query", "another install is running on the host", "push again when it has ended"
    )
