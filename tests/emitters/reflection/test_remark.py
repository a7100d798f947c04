"""Remarks: text for people in a comment of one line, in whatever format."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_emitters.reflection.kinds.haproxy.language import parse_haproxy
from matrix_emitters.reflection.kinds.httpd.language import parse_httpd
from matrix_emitters.reflection.kinds.nginx.language import parse_nginx
from matrix_emitters.writing import Language
from matrix_emitters.writing.remark import remark

ANY = Language("any", str)


@settings(deadline=None)
@given(st.text())
def test_no_text_ends_its_remark_or_joins_the_next_line_to_it(text: str) -> None:
    said = remark(ANY, text)
    assert said == said.strip()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029]", said)
    assert [one.words for one in parse_nginx(f"a; # {said}\nb;\n")] == [("a",), ("b",)]
    assert [one.words for one in parse_httpd(f"A\n# {said}\nB\n")] == [("A",), ("B",)]
    assert parse_haproxy(f"backend x\n a # {said}\n b\n")[0].lines == (("a",), ("b",))
