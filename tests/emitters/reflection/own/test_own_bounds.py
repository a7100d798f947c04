"""What an own template can make has bounds: the error names its line, and nothing large is made before it."""

import resource

import pytest
from reflecting import entry_of

from matrix_emitters import EmitterError
from matrix_emitters.reflection import reflect
from matrix_grammar.reading import loads

DOUBLING = "{% set ns = namespace(x=START) %}{% for i in range(60) %}{% set ns.x = STEP %}{% endfor %}"


def doubling(start: str, step: str) -> str:
    return DOUBLING.replace("START", start).replace("STEP", step)


def text(template: str) -> str:
    entry = entry_of("own", template="own.j2", path="/etc/own", hosts="w1")
    (found,) = reflect(loads("w1 10.0.0.1\n"), 7, entry, {"own.j2": template})
    return found.content.decode()


@pytest.mark.parametrize(
    "template",
    [
        '{{ "a" * 10**10 }}', '{{ 10**9 * "ab" }}', "{{ ([1] * 10**9) | length }}", "{{ 9 ** (9 ** 9) }}",
        '{{ "%1000000000d" % 1 }}', '{{ "%.1000000000f" % 1 }}', '{{ "%*d" % (10**9, 1) }}',
        '{{ "%1000000000d" | format(1) }}', '{{ "{:1000000000}".format(1) }}', '{{ "{:{}}".format(1, 10**9) }}',
        '{{ "a" | center(10**9) }}', '{{ "a".ljust(10**9) }}', '{{ "a".zfill(width=10**9) }}',
        '{{ "\\t".expandtabs(10**9) }}', '{{ "a" | indent(10**9, true) }}', '{{ [1] | batch(10**9, 1) | list }}',
        '{{ ("a" * 10**6).replace("a", "b" * 10**6) }}', '{{ ("a" * 10**6) | replace("a", "b" * 10**6) }}',
        '{{ ("a" * 10**6).join(["b"] * 10**5) }}', '{{ (["b"] * 10**5) | join("a" * 10**6) }}',
        '{{ range(10**9) | list }}', '{{ [[1]] | sum(start=[]) }}', '{{ ("a" * 10**7).translate({97: "b" * 10**4}) }}',
        doubling('"ab"', "ns.x ~ ns.x"), doubling('"ab"', "ns.x + ns.x"), doubling("[1]", "ns.x + ns.x"),
        doubling("10", "ns.x * ns.x"), doubling("[1]", "[ns.x, ns.x]") + "{{ ns.x | json }}",
        doubling("[1]", "[ns.x, ns.x]") + "{{ ns.x | string }}", doubling("[1]", "[ns.x, ns.x]") + "{{ ns.x ~ '' }}",
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        "{% for a in range(90000) %}{{ 'x' * 10000 }}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    ],
)  # fmt: skip
def test_nothing_is_made_beyond_its_bound(template: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(EmitterError, match=r"^own\.j2:2 \(for w1\): "):
        text("first\n" + template)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "-" * 20 }}', "-" * 20), ('{{ "%5d" % 3 }}|{{ "%s-%s" | format("a", 2) }}', "    3|a-2"),
        ('{{ "{:>4}".format(7) }}', "   7"), ('{{ "a" | center(5) }}|{{ "a".ljust(3) }}', "  a  |a  "),
        ('{{ [1, 2] | join("-") }} {{ [1, 2] | sum }} {{ 2 ** 10 }} {{ "a" ~ 1 ~ true }}', "1-2 3 1024 a1True"),
        ('{{ "abc" | replace("b", "x") }}{{ "a\\nb" | lines | indent(2) }}', "axca\n  b"),
        ("{% for a in range(3) %}{{ a }}{{ loop.last }} {% endfor %}", "0false 1false 2true "),
        ("{% for a in [[1, [2]]] recursive %}{{ a | length }}{% endfor %}", "2"),
        ("{% for a in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% set x %}{% for a in range(2) %}{{ a }}{% endfor %}{% endset %}{{ x }}", "01"),
        ("{{ ['a', 'b'] | map('upper') | list | join }}", "AB"),
    ],
)  # fmt: skip
def test_what_templates_usually_do_they_still_do(template: str, expected: str) -> None:
    assert text(template) == expected
