"""Diagnostics of selectors, in `@group`, on the command line, and of names asked of a Fleet."""

from __future__ import annotations

from typing import Final

from .code import Code

CODES: Final = (
    Code(
        "M080",
        "selector that is not understood",
        (
            "Terms are joined by `,` (union), `&` (intersection), `!` (difference) and `^` (either but "
            "not both), left to right, with parentheses. A term is a role, group, host, pattern of hosts,"
            " state, `UP`, a fact (`key=value`), or `*`."
        ),
        wrong=("@group g = web &\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@group g = web & w1\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M081",
        "unknown name",
        (
            "A name in a selector is that of a role, group, host or state. An unknown one is an error, "
            "never an empty answer."
        ),
        wrong=("@group g = wbe\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@group g = web\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M082",
        "pattern without hosts",
        ("Each name that the ranges of a pattern stand for must be a host, and wildcards must match at least one."),
        wrong=("@group g = w[1-2]\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@group g = w*\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M083",
        "range in a selector",
        "Ranges are written as in the names of hosts: `w[101-103]`, `[1-9/2]`, `[1-3,7]`.",
        wrong=("@group g = w[2-1]\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@group g = w[1-1]\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M084",
        "unknown property",
        (
            "A fact names a property that is built in, declared, or set somewhere in the MATRIX, or one "
            "of `site`, `rack`, `name`, `address`, `state`."
        ),
        wrong=("@group g = weihgt=5\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@group g = weight=5\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M085",
        "unknown site, rack, name or state",
        "These facts are compared with names that the MATRIX has.",
        wrong=("@site tokyo\n@group g = site=toyko\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@site tokyo\n@group g = site=tokyo\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M086",
        "comparison with something that is no number",
        "`<`, `<=`, `>` and `>=` compare numbers; texts are compared with `=` and `!=`.",
        wrong=("@group g = os>=debian\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
        right=("@group g = os=debian\nw1  10.0.0.1  [web]  weight=5  os=debian\n"),
    ),
    Code(
        "M087",
        "property without a value",
        (
            "The property is known, but nothing gives it a value for what was asked: not the host, its "
            "roles there, nor a default. `matrix get` takes `--default`."
        ),
    ),
    Code(
        "M090",
        "name that a binding cannot have",
        (
            "The variables of a role or group would mean something else to the shell (`$PATH`, `$HOME`), to the "
            "binding itself, or be those of another role. It depends on `sh.prefix` in matrix.toml: with `DSAS_`, "
            "the default, role path is `$DSAS_PATH` and clobbers nothing."
        ),
    ),
    Code(
        "M091",
        "what would run on hosts, and is not allowed",
        (
            "A program of `check=misc:`, a file of `httpd.include`, or a variable of `httpd.env` by which programs "
            "find code, would let whoever writes the MATRIX run anything on hosts. Unless matrix.toml allows it under "
            "`[allow]`, the configuration that it would stand in is not made, and the one in force stays; everything "
            "else is pushed as ever."
        ),
        severity="warning",
    ),
    Code(
        "M092",
        "what is shown or set on hosts, and is not allowed",
        (
            "A folder of `httpd.root` is shown to everybody, and a variable of `httpd.env` reaches programs. This "
            "release takes them all the same; the next makes no configuration with one that matrix.toml does not allow "
            "under `[allow]`."
        ),
        severity="warning",
        next_release=True,
    ),
)
