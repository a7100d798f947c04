"""One function makes text of others harmless, and one stream stands before every terminal."""

from __future__ import annotations

import io
import json
import os
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix_common.terminal import UNSAFE, SafeStream, safe, safe_bytes, safe_json, safe_lines, styled

CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")


def unsafe() -> set[int]:
    return {code for first, last in UNSAFE for code in range(first, last + 1)}


def test_it_is_all_of_these_categories_and_what_is_reserved_between_them() -> None:
    odd = {code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in CATEGORIES}
    assert not odd - unsafe()
    assert {unicodedata.category(chr(code)) for code in unsafe() - odd} <= {"Cn"}


def test_how_it_is_shown() -> None:
    assert safe("a\tb\nc\x1b[0m\x9b\u202e\U000e0041") == "a b<U+000A>c<U+001B>[0m<U+009B><U+202E><U+E0041>"
    assert safe_lines("a\tb\r\nc\x07") == "a\tb<U+000D>\nc<U+0007>"
    assert safe_bytes(b"\x9b\xc2\x9b\xe3\x81\x82\xe3\x81\n") == "<0x9B><U+009B>あ<0xE3><0x81>\n".encode()
    assert safe(os.fsdecode(b"\x9b")) == "<0x9B>"
    assert safe("日本語 é 👍 \U000e0100") == "日本語 é 👍 \U000e0100", "letters, marks and signs stay"


@given(st.text(st.characters(), max_size=30))
def test_nothing_raw_is_left_and_json_has_the_same_value(text: str) -> None:
    assert not {unicodedata.category(letter) for letter in safe(text)}.intersection(CATEGORIES)
    assert safe(safe(text)) == safe(text)
    document = safe_json(json.dumps(text, ensure_ascii=False))
    assert not {unicodedata.category(letter) for letter in document}.intersection(CATEGORIES)
    assert json.loads(document) == json.loads(json.dumps(text))


@given(st.binary(max_size=40))
def test_bytes_are_shown_as_the_text_that_they_are(content: bytes) -> None:
    assert safe_bytes(content).decode() == safe_lines(content.decode("utf-8", "surrogateescape"))


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [False, True])
def test_the_stream_lets_data_alone_in_a_pipe_and_text_never(terminal: bool) -> None:
    below = Terminal() if terminal else io.BytesIO()
    stream = SafeStream(below, "utf-8", "strict")  # type: ignore[arg-type]
    print("a\x1b\x9b", file=stream)
    stream.writelines(["b\x07\n"])
    stream.buffer.write(b"\x1b\x9b\n")
    styled(stream).write("\x1b[1mc\x1b[0m\n")
    stream.flush()
    data = b"<U+001B><0x9B>\n" if terminal else b"\x1b\x9b\n"
    assert below.getvalue() == b"a<U+001B><U+009B>\nb<U+0007>\n" + data + b"\x1b[1mc\x1b[0m\n"


def test_a_stream_in_ascii_says_what_it_is_told_to() -> None:
    below = io.BytesIO()
    stream = SafeStream(below, "ANSI_X3.4-1968", "strict")  # type: ignore[arg-type]
    stream.write("●")
    stream.flush()
    assert below.getvalue() == "●".encode()
