"""Diagnostics of lines: their form, names, ranges, and what stands where it cannot."""

from __future__ import annotations

from typing import Final

from .code import Code

CODES: Final = (
    Code(
        "M012",
        "unknown state",
        (
            "A state is written in UPPER CASE. `WARN` (in service, but look at it) and `STOP` (out of "
            "service) are always known, others by `@state`. A state that nobody knows could leave a "
            "broken host in service, so it is never guessed."
        ),
        wrong="w1  10.0.0.1  [web]  [WARM: fan]\n",
        right="w1  10.0.0.1  [web]  [WARN: fan]\n",
    ),
    Code(
        "M013",
        "name of a role or group",
        (
            "Roles and groups are lower case: `[a-z][a-z0-9]*`, joined by single `.`, `-` or `_`. So case"
            " alone tells a role from a state."
        ),
        wrong=("[Web]\n    w1  10.0.0.1\n"),
        right=("[web]\n    w1  10.0.0.1\n"),
    ),
    Code(
        "M014",
        "name of a host",
        (
            "The name of a host has letters, digits, `-`, `_` and `.` (ASCII), at most 253 of them, "
            "begins with a letter, digit or `_`, and is not the name of a state."
        ),
        wrong="w+1  10.0.0.1\n",
        right="w-1  10.0.0.1\n",
    ),
    Code(
        "M015",
        "name of a property",
        "Properties are lower case: `[a-z][a-z0-9]*`, joined by single `.`, `-` or `_`.",
        wrong="w1  10.0.0.1  Weight=10\n",
        right="w1  10.0.0.1  weight=10\n",
    ),
    Code(
        "M016",
        "quote",
        (
            'A string begins and ends with `"` on one line, with a blank before and behind it. Within it '
            '`\\"` is a quote.'
        ),
        wrong='w1  10.0.0.1  "in the cellar\n',
        right='w1  10.0.0.1  "in the cellar"\n',
    ),
    Code(
        "M017",
        "bracket",
        (
            "Brackets behind a blank are a tag, glued to a word they are a range; both are closed on the "
            "same line, and a blank stands between two tags."
        ),
        wrong="w1  10.0.0.1  [web] [WARN: fan\n",
        right="w1  10.0.0.1  [web] [WARN: fan]\n",
    ),
    Code(
        "M018",
        "word out of place",
        (
            "Behind the name of a host stand its addresses, then tags, `key=value` and a quoted note. No "
            "other word can stand there, so that nothing mistyped passes for a note."
        ),
        wrong="w1  10.0.0.1  [web]  cellar\n",
        right='w1  10.0.0.1  [web]  "cellar"\n',
    ),
    Code(
        "M019",
        "property without value",
        ('A property is written `key=value`, without blanks around the `=`. An empty value is `key=""`.'),
        wrong="w1  10.0.0.1  os= debian\n",
        right="w1  10.0.0.1  os=debian\n",
    ),
    Code(
        "M020",
        "unknown escape",
        'In a quoted string a backslash stands before `"`, `\\`, `n` (new line) or `t` (tab) only.',
        wrong='w1  10.0.0.1  path="C:\\dir"\n',
        right='w1  10.0.0.1  path="C:\\\\dir"\n',
    ),
    Code(
        "M021",
        "form of a directive",
        ("The words behind the directive are not those that it has. `matrix explain M040` lists the directives."),
        wrong=("@site tokyo osaka\nw1  10.0.0.1\n"),
        right=("@site tokyo\nw1  10.0.0.1\n"),
    ),
    Code(
        "M022",
        "type of a property",
        (
            "Types are `int A..B`, `number`, `bool`, `text`, `ip`, `endpoint`, `host`, `url`, `duration` "
            "and `one-of a b c`, each with `list` behind it where a property has several values."
        ),
        wrong=('@property floor itn 0..40 "storey"\nw1  10.0.0.1  floor=3\n'),
        right=('@property floor int 0..40 "storey"\nw1  10.0.0.1  floor=3\n'),
    ),
    Code(
        "M023",
        "range",
        (
            "Glued brackets are a range: `[101-103]`, `[001-120]` with its zeros, `[1-9/2]` in steps, "
            "`[1-3,7]`, `[a-f]`. In a value that means brackets literally, quote it."
        ),
        wrong="w[9-1]  -\n",
        right="w[1-9]  -\n",
    ),
    Code(
        "M024",
        "ranges that do not go hand in hand",
        (
            "Ranges in addresses and properties step along with that of the name, so all must count the "
            "same. One address cannot belong to several hosts."
        ),
        wrong="w[1-3]  10.0.0.[1-4]\n",
        right="w[1-3]  10.0.0.[1-3]\n",
    ),
    Code(
        "M025",
        "range too large",
        "One line may expand to at most 1,000,000 hosts.",
        wrong="w[1-1000000000]  -\n",
        right="w[1-10]  -\n",
    ),
    Code(
        "M060",
        "too many hosts",
        "A MATRIX may have 1,000,000 hosts, and its ranges may stand for 5,000,000 words, in all its texts together.",
    ),
    Code(
        "M061",
        "too many errors",
        "A reading tells 10,000 errors; of a file with more of them the rest is not looked at.",
    ),
    Code(
        "M026",
        "second note",
        "A host has one note, a role one meaning.",
        wrong='w1  10.0.0.1  "in the cellar"  "on the left"\n',
        right='w1  10.0.0.1  "in the cellar, on the left"\n',
    ),
    Code(
        "M027",
        "not an address",
        (
            "Behind the name of a host stand IPv4 or IPv6 addresses, or `-` when it is found by its name."
            " Numbers of an IPv4 address have no leading zeros (some programs read those as octal); an "
            "IPv6 address has no zone."
        ),
        wrong="w1  10.0.0.256\n",
        right="w1  10.0.0.254\n",
    ),
    Code(
        "M028",
        "indented host without header",
        (
            "An indented host takes the role of the header above it. A host in column 1 ends the header, "
            "as does a new `@site`, for which the header did not speak."
        ),
        wrong="    w1  10.0.0.1\n",
        right="w1  10.0.0.1\n",
    ),
    Code(
        "M029",
        "properties of nothing",
        (
            "A line of `key=value` says more of the header or host right above it (comments and blank "
            "lines may stand between), and is indented."
        ),
        wrong=("@site tokyo\n    weight=10\nw1  10.0.0.1\n"),
        right=("@site tokyo\nw1  10.0.0.1\n    weight=10\n"),
    ),
    Code(
        "M040",
        "unknown directive",
        (
            "The directives are `@matrix`, `@include`, `@domain`, `@site`, `@rack`, `@default`, `@group`,"
            " `@state`, `@property`, `@strict`."
        ),
        wrong=("@sight tokyo\nw1  10.0.0.1\n"),
        right=("@site tokyo\nw1  10.0.0.1\n"),
    ),
    Code(
        "M051",
        "tag or header out of place",
        "A header begins in column 1 and has no tags; tags stand on the lines of hosts.",
        wrong=("[web] [WARN]\n    w1  10.0.0.1\n"),
        right=("[web]\n    w1  10.0.0.1  [WARN]\n"),
    ),
    Code(
        "M053",
        "inside of a tag",
        (
            "A tag is `[role]`, `[role key=value …]`, `[role STATE]`, `[role STATE: why]`, `[STATE]` or "
            "`[STATE: why]`: one role at most, then its properties, then one state."
        ),
        wrong="w1  10.0.0.1  [mx ntp]\n",
        right="w1  10.0.0.1  [mx] [ntp]\n",
    ),
)
