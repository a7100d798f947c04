"""Own templates: what they see, and errors that name the template, its line and the missing fact of the MATRIX."""

from __future__ import annotations

import json
import subprocess

import pytest
from reflecting import HOSTILE, entry_of, quoted

from matrix_emitters import EmitterError
from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import Reflected, body
from matrix_grammar.reading import loads

MATRIX = """
@domain example.jp
@site tky1
[ps] "page servers" vip=203.0.113.80:80 sched=wlc check.every=5s dns=10.0.0.53 dns=10.0.0.54
    w1  10.6.1.1 2001:db8:1::1  weight=5  "first"
    w2  10.6.1.2  [ps weight=7]  [WARN: fan]
    w3  10.6.1.3  [STOP: disk]
[log]
    w1
@site osk1
[ps] vip=203.0.113.81:80 sched=rr
    x1  10.7.1.1  flag=true
"""


def rendered(written: str, matrix: str = MATRIX, **more: object) -> tuple[Reflected, ...]:
    table = {"template": "own.j2", "path": "/etc/own", "hosts": "w1", **more}
    templates = {"own.j2": written, "part.j2": "part {{ host.name }}\n", "broken.j2": "\n{{ host.nothing }}\n"}
    return reflect(loads(matrix), 7, entry_of("own", **table), templates)


def text(template: str, matrix: str = MATRIX, **more: object) -> str:
    (found,) = rendered(template, matrix, **more)
    return found.content.decode()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ host }} {{ host.fullname }} {{ host.address }} {{ host.site }}", "w1 w1.example.jp 10.6.1.1 tky1"),
        ("{{ host.note }} {{ host.roles | join(',') }}", "first ps,log"),
        ("{{ host.ipv4 | join }} {{ host.ipv6 | join }}", "10.6.1.1 2001:db8:1::1"),
        ("{{ host.weight }} {{ host['weight'] + 1 }}", "5 6"),
        ("{{ host.of('ps').sched }} {{ host.of('ps')['check.every'] }}", "wlc 5s"),
        ("{{ host.of('ps').dns | join(' ') }}", "10.0.0.53 10.0.0.54"),
        ("{{ host.rack | default('no rack', true) }} {{ host.floor | default('?') }}", "no rack ?"),
        ("{% if host.floor is defined %}yes{% else %}no{% endif %}", "no"),
        ("{{ fleet.host('w2').state }} {{ fleet.host('w2').reason }}", "WARN fan"),
        ("{{ fleet.role('ps').hosts | join(' ') }}", "w1 w2 w3 x1"),
        ("{{ fleet.role('ps').in_service | join(' ') }}", "w1 w2 x1"),
        ("{{ fleet.role('ps').sched }} {{ fleet.role('ps').meaning }}", "wlc page servers"),
        ("{{ fleet.select('ps&UP!w1') | map(attribute='name') | join(' ') }}", "w2 x1"),
        ("{{ fleet.sites | join(' ') }} {{ fleet.hosts | length }} {{ fleet | list | length }}", "tky1 osk1 4 4"),
        ("{% for s in services %}{{ s }} {{ s.members | join(' ') }}{% endfor %}", "203.0.113.80:80 w1 w2"),
        ("{% for m in services[0].members %}{{ m.address }}={{ m.weight }}:{{ m.port }} {% endfor %}",
         "10.6.1.1=5:80 10.6.1.2=7:80 "),
        ("{{ services[0].sched }}", "wlc"),
        ("{{ fleet.host('x1').flag }} {{ host.in_service }}", "true true"),
        ("{{ generation }} {{ digest | length }}", "7 64"),
        ("{{ hosts | join(' ') }}", "w1"),
        ("{% include 'part.j2' %}", "part w1\n"),
        ("{% macro m(x) %}\n{{ x }}\nend\n{% endmacro %}{{ m(host) }}", "w1\nend\n"),
        ("{% macro m(x) %}\n{{ x }}\nend\n{% endmacro %}{{ m(host) | indent(2, true) | trim }}", "w1\n  end"),
        ("{% set ns = namespace(n=0) %}{% for h in fleet %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "4"),
        ("{{ {'a': host, 'b': [1]} | json }}", '{"a": "w1", "b": [1]}'),
    ],
)  # fmt: skip
def test_what_a_template_sees(template: str, expected: str) -> None:
    assert text(template) == expected


def test_one_text_for_each_host_or_one_for_all() -> None:
    each = rendered("{{ host.site }}\n", hosts="ps")
    assert [(found.hosts, found.content) for found in each] == [
        (("w1", "w2", "w3"), b"tky1\n"),
        (("x1",), b"osk1\n"),
    ]
    (shared,) = rendered("{{ hosts | join(' ') }}\n", hosts="ps", each=False)
    assert (shared.hosts, shared.content) == (("w1", "w2", "w3", "x1"), b"w1 w2 w3 x1\n")
    with pytest.raises(EmitterError, match=r"own\.j2:1: 'host' is undefined"):
        rendered("{{ host }}", each=False)


def test_the_header_is_where_the_template_puts_it_and_not_part_of_the_body() -> None:
    one, two = (text("#!/bin/sh\n# {{ header }}\necho\n", MATRIX + more).encode() for more in ("", "z9 10.9.9.9\n"))
    assert one != two
    assert body(one) == body(two) == b"#!/bin/sh\necho\n"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "a\n\n{{ host.floor }}\n",
            "own.j2:3 (for w1): host w1 has no floor; write floor=… on its line, or @default floor=…",
        ),
        (
            "{{ host.of('ps').floor }}",
            "own.j2:1 (for w1): host w1 has no floor in role ps; write floor=… on its line, its",
        ),
        (
            "\n{{ fleet.role('ps').floor }}",
            "own.j2:2 (for w1): role ps has no floor in site tky1; write floor=… on its header",
        ),
        (
            "{{ services[0].floor }}",
            "own.j2:1 (for w1): role ps, VIP 203.0.113.80:80 has no floor; write floor=… on its",
        ),
        (
            "{% for h in fleet %}\n{{ h.weight }}\n{% endfor %}",
            "own.j2:2 (for w1): host w2 has no weight; write weight=…",
        ),
        ("{{ host.of('lv') }}", "own.j2:1 (for w1): host w1 is not in role lv; it is in ps, log"),
        ("{{ fleet.role('pps') }}", "own.j2:1 (for w1): unknown role pps, did you mean ps?"),
        ("{{ fleet.host('w11') }}", "own.j2:1 (for w1): unknown host w11, did you mean w1"),
        ("\n\n{{ fleet.select('ps&nosuch') }}", "own.j2:3 (for w1): selector 'ps&nosuch': unknown name nosuch"),
        ("{% include 'broken.j2' %}", "broken.j2:2 (for w1): host w1 has no nothing"),
        ("{% include 'none.j2' %}", "own.j2:1 (for w1): there is no template none.j2 in the folder of templates"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "templates or macros that call each other without end"),
        ("{% if %}", "own.j2:1 (for w1): Expected an expression"),
        ("\n{% for %}", "own.j2:2 (for w1)"),
        ("{{ nosuch }}", "own.j2:1 (for w1): 'nosuch' is undefined"),
        ("\n{{ 1 / 0 }}", "own.j2:2 (for w1): division by zero"),
        ("{{ host.weight + 'a' }}", "own.j2:1 (for w1): unsupported operand"),
        ("{{ host.addresses }}", "own.j2:1 (for w1): ['10.6.1.1', '2001:db8:1::1'] is no text: print its parts"),
        ("{{ none }}", "own.j2:1 (for w1): None is no text"),
        ("{{ host.nothing | sh }}", "own.j2:1 (for w1): host w1 has no nothing"),
        ("{{ x | nosuch }}", "own.j2:1 (for w1): No filter named 'nosuch'"),
    ],
)
def test_an_error_names_template_line_and_the_missing_fact(template: str, message: str) -> None:
    with pytest.raises(EmitterError) as caught:
        rendered(template)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}", "{{ host._host }}", "{{ fleet._fleet }}", "{{ host.__init__.__globals__ }}",
        "{{ range.__self__ }}", "{{ ().__class__.__bases__ }}", "{{ host.roles.append('x') }}", "{{ lipsum() }}",
        "{{ 'x' | random }}", "{{ range(10 ** 9) | length }}", "{% include '/etc/passwd' %}", "{% import 'os' as os %}",
        "{{ '{0.__class__}'.format(host) }}",
    ],
)  # fmt: skip
def test_a_template_reaches_nothing_but_the_facts(template: str) -> None:
    with pytest.raises(EmitterError, match=r"own.j2:1 \(for w1\)"):
        rendered(template)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_adds_no_line_unless_the_template_says_how(value: str) -> None:
    matrix = f"w1 10.0.0.1 evil={quoted(value)}\n"
    if any(ord(letter) < 32 for letter in value):
        with pytest.raises(EmitterError, match=r"own.j2:1 \(for w1\): .* holds a control character"):
            text("{{ host.evil }}", matrix)
        with pytest.raises(EmitterError, match="holds a control character"):
            text("{{ [host.evil, 'x'] | join(' ') }}", matrix)
    else:
        assert text("{{ host.evil }}", matrix) == value
    assert json.loads(text("{{ host.evil | json }}", matrix)) == value
    script = text("printf %s {{ host.evil | sh }}", matrix)
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == value
    lines = text("{{ host.evil | lines('# ') }}", matrix).split("\n")
    assert all(line.startswith("# ") for line in lines)


def test_an_empty_text_is_an_error_before_it_is_installed() -> None:
    (found,) = rendered("{% if host.floor is defined %}x{% endif %}\n")
    assert [finding.message for finding in found.findings] == ["the text is empty"]


def test_a_template_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(EmitterError, match=r"reflect.own: there is no template owns.j2 .*; did you mean own.j2\?"):
        rendered("", template="owns.j2")
