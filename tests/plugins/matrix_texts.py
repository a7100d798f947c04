"""Hypothesis strategies for MATRIX texts that are valid, in every layout that the language allows."""

from hypothesis import strategies as st

PREAMBLE = """\
@domain example.jp
@property weight int 0..256
@property tag text list
@property ipmi ip
@property ratio number
@property fast bool
@state DRAIN out "finishing"
"""

blanks = st.sampled_from([" ", "  ", "\t", " \t "])
indents = st.sampled_from([" ", "    ", "\t", "      "])
comments = st.sampled_from(["", "", "", " # why", "\t#", '  # "quoted # [STOP]  '])
fillers = st.sampled_from(["", "  ", "# comment", "   # indented"])
states = st.sampled_from(["WARN", "STOP", "DRAIN", "STOP: disk  [4/20]", 'WARN:"a ]\\" b"', "WARN:  fan"])
WIDE = "wide=" + "x" * 45
own_pairs = st.sampled_from(
    ["weight=10", "weight=0", 'tag="a  b # c"', "tag=x tag=y", r'tag="q\"\\\n"', "fast=true", "ratio=0.5", WIDE]
)
role_pairs = st.sampled_from(["check=tcp", "vip=10.9.9.9:80"])
places = st.sampled_from(["@site tky1", "@site osk1\n@rack B2", "@rack A01", "@default os=debian"])
notes = st.sampled_from(['"a note"', '"tab\tinside"', '""'])
roles = ("ps", "cache", "db.master", "mx")


def distinct(pairs):
    """Pairs of which each key is given once."""
    return st.lists(pairs, max_size=3, unique_by=lambda pair: pair.split("=", 1)[0])


@st.composite
def tags(draw, header):
    """The tags of a host line: some roles but for the header's, and perhaps a state of the host."""
    found = []
    for role in draw(st.lists(st.sampled_from([r for r in roles if r != header]), max_size=2, unique=True)):
        parts = [role, *draw(st.sampled_from([[], ["weight=5"], ["tag=a", "tag=b"]]))]
        parts += draw(st.just([]) | states.map(lambda state: [state]))
        found.append(f"[{draw(st.sampled_from(['', ' ']))}{draw(blanks).join(parts)}]")
    return found + draw(st.just([]) | states.map(lambda state: [f"[{state}]"]))


@st.composite
def host(draw, number, header):
    """A host's declaring line, and perhaps a line of further properties."""
    many = draw(st.booleans())
    name = f"w{number}-[1-3]" if many else f"{draw(st.sampled_from(['w', 'LONG-name-', 'x.y']))}{number}"
    one = st.sampled_from([f"10.1.{number}.9", "-", f"10.1.{number}.1 2001:db8::{number}"])
    address = f"10.1.{number}.[1-3]" if many else draw(one)
    pairs = draw(distinct(own_pairs))
    note = draw(st.just([]) | notes.map(lambda note: [note]))
    words = [name, address, *draw(st.permutations([*draw(tags(header)), *pairs, *note]))]
    if many and draw(st.booleans()):
        words.append(f"ipmi=10.2.{number}.[1-3]")
    line = draw(indents if header else st.just("")) + draw(blanks).join(words) + draw(comments)
    more = [f"{draw(indents)}extra=1"] if draw(st.booleans()) else []
    return [line, *more]


@st.composite
def sections(draw, start):
    """A header or none, and hosts below it."""
    header = draw(st.none() | st.sampled_from(roles))
    lines = draw(st.lists(places, max_size=1))
    if header:
        lines.append(draw(blanks).join([f"[{header}]", *draw(distinct(role_pairs))]) + draw(comments))
    for number in range(start, start + draw(st.integers(0, 3))):
        lines += draw(host(number, header))
        lines += draw(st.lists(fillers, max_size=1))
    return lines


@st.composite
def valid_texts(draw):
    """A whole MATRIX."""
    lines = [PREAMBLE]
    for section in range(draw(st.integers(0, 4))):
        lines += draw(sections(section * 10))
        lines += draw(st.lists(fillers, max_size=2))
    if draw(st.booleans()):
        lines.append(draw(blanks).join(["h99", "10.3.0.1", "[ps]", "[db]"]))
        lines.append(draw(blanks).join(["@group", "some", "=", "ps,(db ! h99)"]))
    return draw(st.sampled_from(["\n", "\r\n"])).join("\n".join(lines).split("\n"))
