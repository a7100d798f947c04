"""What texts or a scene have that is not allowed: diagnostics of `matrix check`, findings of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matrix_common.trouble import NEXT_RELEASE, TO_ALLOW
from matrix_emitters.judged import restricted_of
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import Diagnostic, SelectorError
from matrix_grammar.reading import Reading
from matrix_grammar.syntax import Written, written

from .allowed import Allowed, Verdict
from .entry import Configuration
from .result import Finding

Named = tuple[str, str, str]
"""Who says it (`host w1 in role web`), the property, its value."""


def check_allowed(reading: Reading, entries: Iterable[Configuration]) -> tuple[Diagnostic, ...]:
    """What these texts name that is not allowed, where an entry that has hosts would make something of it.

    All are warnings: what is refused at once keeps its own configuration from being made, and no generation.
    """
    if reading.fleet is None:
        return ()
    used = [entry for entry in entries if restricted_of(entry.template) and _has_hosts(reading.fleet, entry)]
    keys = dict.fromkeys(key for entry in used for key in restricted_of(entry.template))
    if not keys:
        return ()
    allowed = used[0].allowed
    judged = [(found, allowed.judge(found.key, found.value)) for found in written(reading.sources, keys)]
    wrong = [(found, verdict) for found, verdict in judged if verdict is not None]
    lines = {verdict.setting: allowed.line([each for _, each in wrong], verdict.setting) for _, verdict in wrong}
    return tuple(_diagnostic(found, verdict, lines[verdict.setting]) for found, verdict in wrong)


def findings(allowed: Allowed, named: Iterable[Named]) -> Iterator[Finding]:
    """What is not allowed of what a configuration is made from, each once."""
    judged = [(each, allowed.judge(each[1], each[2])) for each in dict.fromkeys(named)]
    wrong = [(each, verdict) for each, verdict in judged if verdict is not None]
    for (where, key, _), verdict in wrong:
        line = allowed.line([each for _, each in wrong], verdict.setting)
        later = "" if verdict.refused else NEXT_RELEASE
        yield Finding(
            "error" if verdict.refused else "warning", f"{where}: {key}: {verdict.cause}{later}",
            f"{TO_ALLOW}{line}" if line else "",
        )  # fmt: skip


def _has_hosts(fleet: Fleet, entry: Configuration) -> bool:
    try:
        return bool(fleet.select(entry.hosts))
    except SelectorError:
        return False


def _diagnostic(found: Written, verdict: Verdict, line: str) -> Diagnostic:
    code = "M091" if verdict.refused else "M092"
    later = "" if verdict.refused else NEXT_RELEASE
    cure = f"{TO_ALLOW}{line}" if line else "nothing allows it: take it out"
    return Diagnostic(code, "warning", found.place, f"{found.key}: {verdict.cause}{later}", found.excerpt, cure)
