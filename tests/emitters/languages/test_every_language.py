from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from language_drivers import Question, everything

from matrix_grammar import Fleet
from matrix_grammar.reading import load, loads

EXAMPLE = Path(__file__).parents[3] / "examples" / "MATRIX"

SITES = """
@matrix 1
@domain example.jp
@property ratio number
@property spare bool
@property tags text list
@property on-call text
@state DRAIN out "finishing"
@state SLOW in
[ps] "pages for all" sched=wlc ratio=0.1 tags=a
@site tky
@rack r1
@default os=debian spare=false
[ps] vip=203.0.113.1:80 weight=10
  a1 10.0.0.1 weight=3 [cache STOP: cold] [DRAIN: going home]
  a2 10.0.0.2 [cache weight=5 ratio=0.00001] [SLOW]
  a3 10.0.0.3 [cache SLOW: warming]
@site osk
@default os=debian spare=true
[ps] vip=203.0.113.2:80 vip=203.0.113.2:443 tags=b tags=c
[db] x=1
  b1 10.0.1.1 [ps] [db.master y=2 STOP] ratio=1234567890123456789012.25
  B-2 10.0.1.2 [ps] ratio=10 tags="one, two" tags="" x=""
  9 10.0.1.3 [ps] x="x=1 y=2"
[db.master] y=1
@group all-ps = ps,db
@group both = ps&db
@group slow = SLOW
"""

NOBODY = """
[web] "nobody is there" vip=192.0.2.1:80
  w1 192.0.2.11 [STOP]
  w2 192.0.2.12 [STOP: "gone"]
[idle]
@group g = web
"""

SELECTORS = [
    "*", "UP", "STOP", "WARN", "*!UP", "ps", "ps&UP", "ps,db", "(ps,db)!a1", "ps^db", "ps ! ( a1 , a2 )",
    "a[1-3]", "a[1,3],b1", "a[1-3/2]", "A1", "a?", "?1", "a*&ps!a2", "site=tky", "site!=tky", "os=debian",
    "os!=debian", "weight>=3", "weight>3", "weight<3.5", "weight<=+10", "ratio<0", 'tags="one, two"', 'tags=""',
    "name=A1", "name!=a1", "address=10.0.0.1", "state=SLOW", "state!=DRAIN", "ratio>1", "spare=true", "cache",
    "slow,both", "  ps\t& db ", "((ps))", "ps!ps", "B-2", "b-2.example.jp", "w[101-103]", "w10[1-3,5]", "*1",
    "w*[1-2]", "db[1-2]", "rack=A01", "ps&WARN", "front!calm", "x=1", 'x="x=1 y=2"', "tags=b", "x>0", "[1]",
    "[8-9]", "a[1-1]",
    # and those that must fail
    "", " ", "pss", "ps,", ",ps", "!ps", "ps ps", "(ps", "ps)", "()", "ps&&db", "a[1-9]", "a[3-1]", "a[", "a]",
    "a[]", "a[1-x]", "a[1-2/0]", "a[01-100]", "zz*", "site=nowhere", "state=LOST", "rack=none", "name=nobody",
    "nosuch=1", "weight>many", "os=", "=x", "Os=debian", "ps|db", "w[1-1000001]", 'os="a\\q"', 'os="open',
    "ps;db", "é", "ps\n", "UP UP", "a[[1]]",
]  # fmt: skip


@pytest.fixture(params=["example", "sites", "nobody"])
def fleet(request: pytest.FixtureRequest) -> Fleet:
    return load(EXAMPLE) if request.param == "example" else loads({"sites": SITES, "nobody": NOBODY}[request.param])


def test_every_answer_is_that_of_the_fleet(language, fleet, agrees):
    agrees(language, fleet, everything(fleet))


def test_every_selector_names_the_same_hosts_or_fails_alike(language, fleet, agrees):
    if language.selectors:
        agrees(language, fleet, [Question("hosts", (selector,)) for selector in SELECTORS])


def test_a_matrix_without_hosts_loads_and_answers(language, agrees):
    asked = [
        ("hosts",),
        ("roles",),
        ("groups",),
        ("sites",),
        ("address", "w1"),
        ("serving", "ps"),
        ("get", "w1", "weight"),
    ]
    agrees(language, loads("# nothing yet\n"), [Question(name, tuple(arguments)) for name, *arguments in asked])


def test_selectors_of_a_matrix_without_hosts(language, agrees):
    if language.selectors:
        selectors = ["*", "UP", "STOP", "w1", "w*", "site=tky", "weight>1", "weight!=1"]
        agrees(language, loads("# nothing yet\n"), [Question("hosts", (selector,)) for selector in selectors])


PIECES = [
    "ps",
    "db",
    "cache",
    "UP",
    "SLOW",
    "DRAIN",
    "a1",
    "B-2",
    "9",
    "all-ps",
    "both",
    "a[1-3]",
    "b*",
    "?1",
    "[8-9]",
    "site=tky",
    "site!=osk",
    "weight>=3",
    "weight<10",
    "os=debian",
    "ratio>0",
    "ratio<=0.1",
    "spare!=true",
    "x=1",
    "tags=b",
    "state=SLOW",
    "name!=9",
    "*",
]
OPERATORS = (",", "&", "!", "^", " ! ")


def written_at_random(random: Random, depth: int = 0) -> str:
    """A selector with up to four terms and parentheses, now and then with a letter changed."""
    terms = []
    for _ in range(random.randint(1, 4)):
        inner = depth < 3 and random.random() < 0.25
        terms.append(f"({written_at_random(random, depth + 1)})" if inner else random.choice(PIECES))
    text = (
        random.choice(["", " "]) + terms[0] + "".join(random.choice([",", "&", "!", "^", " ! "]) + t for t in terms[1:])
    )
    if depth == 0 and random.random() < 0.2:
        at = random.randrange(len(text))
        text = text[:at] + random.choice('a[]()!&,=<>*? 9A"\\') + text[at + random.randint(0, 1) :]
    return text


def test_a_thousand_random_selectors_name_the_same_hosts(language, agrees):
    random = Random(20261123)
    selectors = [written_at_random(random) for _ in range(1000)]
    if language.selectors:
        agrees(language, loads(SITES), [Question("hosts", (selector,)) for selector in selectors])
