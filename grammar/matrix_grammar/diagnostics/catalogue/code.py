"""One row of the table of diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matrix_grammar.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One diagnostic. `wrong` is a text that earns exactly this code, `right` one without it; both may include
    `includes`.

    A code that no text can earn (a file that is not there) has no examples. A warning `next_release` is what was right
    until now and becomes an error in the next release: `matrix status` and the daemon's log name it as well.
    """

    code: str
    title: str
    explanation: str
    wrong: str | bytes = ""
    right: str = ""
    severity: Severity = "error"
    includes: Mapping[str, str] = field(default_factory=dict, hash=False)
    next_release: bool = False
