"""Which known word an unknown one was probably meant to be, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def nearest(word: str, known: Iterable[str], limit: int = 3, cutoff: float = 0.6) -> tuple[str, ...]:
    """The known names that `word` was probably meant to be, the nearest first; compared without case.

    `cutoff` is how alike they must be, from 0 to 1 (difflib's ratio).
    """
    spelled: dict[str, str] = {}
    for name in known:
        if abs(len(name) - len(word)) <= 3:
            spelled.setdefault(name.lower(), name)
    if not spelled:
        return ()
    import difflib  # which a text without a slip hardly needs

    return tuple(spelled[near] for near in difflib.get_close_matches(word.lower(), spelled, n=limit, cutoff=cutoff))


def did_you_mean(names: Sequence[str]) -> str:
    """The cure that names what was probably meant: `did you mean a, b or c?`; an empty text where `names` is empty."""
    if not names:
        return ""
    return f"did you mean {names[0]}?" if len(names) == 1 else f"did you mean {', '.join(names[:-1])} or {names[-1]}?"
