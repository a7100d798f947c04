"""Diagnostics of slips: what merges, keyboards and clipboards leave in a text."""

from __future__ import annotations

from typing import Final

from .code import Code

CODES: Final = (
    Code(
        "M062",
        "merge that was not finished",
        (
            "git leaves both sides of a conflict in the text, between lines of `<<<<<<<`, `=======` and `>>>>>>>` "
            "(with `|||||||` before what both sides had). Nothing is pushed until somebody has decided."
        ),
        wrong="w1  10.0.0.1\n<<<<<<< HEAD\nw2  10.0.0.2\n=======\nw2  10.0.0.3\n>>>>>>> osaka\n",
        right="w1  10.0.0.1\nw2  10.0.0.3\n",
    ),
    Code(
        "M063",
        "character that is not what it looks like",
        (
            "A value without quotes has a character that is not to be seen, or a letter of another script among those "
            "of ASCII, as they come along from web pages and word processors. Programs would read something else than "
            "a person does. In quotes, comments and reasons nothing is said of them."
        ),
        wrong="w1  10.0.0.1  os=debi\u0430n\n",
        right="w1  10.0.0.1  os=debian\n",
        severity="warning",
        next_release=True,
    ),
    Code(
        "M064",
        "host in column 1 below a header",
        (
            "Hosts of a header are indented. One in column 1 ends the header, and is in the roles of its tags alone; "
            "this one has none, and no `@group` and no other host names it."
        ),
        wrong="[web]\nw1  10.0.0.1\n",
        right="[web]\n    w1  10.0.0.1\n",
        severity="warning",
    ),
    Code(
        "M065",
        "hosts in no role",
        (
            "Other hosts are in roles; these are in none, no `@group` selects them, and no other host names them. "
            "Programs that ask by role never find them."
        ),
        wrong="[web]\n    w1  10.0.0.1\n\nw2  10.0.0.2\n",
        right="[web]\n    w1  10.0.0.1\n\nw2  10.0.0.2  [log]\n",
        severity="warning",
    ),
    Code(
        "M066",
        "value that a built-in property cannot have",
        (
            "What a configuration is made of has its own words: a scheduler, a form of `check`, an interface, a host. "
            "A declaration of your own, as `@property sched text`, takes any value."
        ),
        wrong="[web]  sched=wcl\n    w1  10.0.0.1\n",
        right="[web]  sched=wlc\n    w1  10.0.0.1\n",
        severity="warning",
        next_release=True,
    ),
    Code(
        "M067",
        "role that is named like a state",
        ("A state is UPPER CASE; `[stop]` is a role, and leaves its host in service."),
        wrong="w1  10.0.0.1  [stop]\n",
        right="w1  10.0.0.1  [STOP]\n",
        severity="warning",
    ),
    Code(
        "M068",
        "name that is too long for DNS",
        "Between two dots a name in DNS has 63 letters at most, and 253 in all (RFC 1035, section 2.3.4).",
        wrong=f"{'w' * 64}  10.0.0.1\n",
        right=f"{'w' * 63}  10.0.0.1\n",
        severity="warning",
        next_release=True,
    ),
)
