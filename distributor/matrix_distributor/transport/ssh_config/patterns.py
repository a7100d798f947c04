"""Patterns of ssh_config(5) and of known_hosts: `*` and `?` alone are wildcards; a `!` before one forbids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def pattern_matches(pattern: str, name: str) -> bool:
    """OpenSSH's match_pattern: the whole name, and case counts."""
    return _compiled(pattern).fullmatch(name) is not None


def pattern_list_matches(patterns: Iterable[str], name: str) -> bool:
    """OpenSSH's match_pattern_list: one that matches is needed, and a `!` that matches forbids."""
    matched = False
    for pattern in patterns:
        wanted = not pattern.startswith("!")
        if pattern_matches(pattern.removeprefix("!"), name):
            if not wanted:
                return False
            matched = True
    return matched


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Each `*` takes as little as it can and never gives it back: many of them in a row cost no exponential time.
    first, *others = [re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern)]
    if not others:
        return re.compile(first, re.DOTALL)
    *middle, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}", re.DOTALL)
