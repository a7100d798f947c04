"""Diagnostics of selectors, in `@group`, on the command line, and of names asked of a Fleet."""

from __future__ import annotations

from typing import Final

from .code import Code

_HOSTS = "w1  10.0.0.1  [web]  weight=5  os=debian\n"

CODES: Final = (
    Code(
        "M080", "selector that is not understood",
        "Terms are joined by `,` (union), `&` (intersection), `!` (difference) and `^` (either but not both), left to right, with "
        "parentheses. A term is a role, group, host, pattern of hosts, state, `UP`, a fact (`key=value`), or `*`.",
        f"@group g = web &\n{_HOSTS}", f"@group g = web & w1\n{_HOSTS}",
    ),
    Code(
        "M081", "unknown name",
        "A name in a selector is that of a role, group, host or state. An unknown one is an error, never an empty answer.",
        f"@group g = wbe\n{_HOSTS}", f"@group g = web\n{_HOSTS}",
    ),
    Code(
        "M082", "pattern without hosts",
        "Each name that the ranges of a pattern stand for must be a host, and wildcards must match at least one.",
        f"@group g = w[1-2]\n{_HOSTS}", f"@group g = w*\n{_HOSTS}",
    ),
    Code(
        "M083", "range in a selector",
        "Ranges are written as in the names of hosts: `w[101-103]`, `[1-9/2]`, `[1-3,7]`.",
        f"@group g = w[2-1]\n{_HOSTS}", f"@group g = w[1-1]\n{_HOSTS}",
    ),
    Code(
        "M084", "unknown property",
        "A fact names a property that is built in, declared, or set somewhere in the MATRIX, or one of `site`, `rack`, `name`, `address`, `state`.",
        f"@group g = weihgt=5\n{_HOSTS}", f"@group g = weight=5\n{_HOSTS}",
    ),
    Code(
        "M085", "unknown site, rack, name or state",
        "These facts are compared with names that the MATRIX has.",
        f"@site tokyo\n@group g = site=toyko\n{_HOSTS}", f"@site tokyo\n@group g = site=tokyo\n{_HOSTS}",
    ),
    Code(
        "M086", "comparison with something that is no number",
        "`<`, `<=`, `>` and `>=` compare numbers; texts are compared with `=` and `!=`.",
        f"@group g = os>=debian\n{_HOSTS}", f"@group g = os=debian\n{_HOSTS}",
    ),
    Code(
        "M087", "property without a value",
        "The property is known, but nothing gives it a value for what was asked: not the host, its roles there, nor a default. `matrix get` "
        "takes `--default`.",
    ),
)  # fmt: skip
