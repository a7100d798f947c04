"""Which forms of an answer a caller accepts (RFC 9110, section 12), the best first."""

from __future__ import annotations

from functools import lru_cache

from matrix_dmetad.answers.formats import ALIASES, NAMES

_RANGES = {
    "*/*": NAMES,
    "text/*": tuple(name for name in NAMES if name in ("sh", "text")),
    "application/*": tuple(name for name in NAMES if name in ("json", "yaml")),
}
_MOST_RANGES = 64


@lru_cache(maxsize=256)
def accepted(header: bytes | None) -> tuple[str, ...]:
    """The forms that an Accept header allows, in order of its preference, then ours. Without one: all but html.

    A page for people is given only to who names it: `*/*` is what programs send.
    """
    if header is None or not header.strip():
        return NAMES
    qualities: dict[str, tuple[int, float]] = {}
    for media, quality in weighted(header.decode("latin-1")):
        exact = ALIASES.get(media)
        specific = 2 if exact is not None else 0 if media == "*/*" else 1
        for name in (exact,) if exact is not None else _RANGES.get(media, ()):
            known = qualities.get(name)
            if known is None or specific > known[0] or (specific == known[0] and quality > known[1]):
                qualities[name] = (specific, quality)
    order = ("html", *NAMES)
    wanted = [name for name in order if name in qualities and qualities[name][1] > 0]
    return tuple(sorted(wanted, key=lambda name: -qualities[name][1]))


@lru_cache(maxsize=64)
def accepts_gzip(header: bytes | None) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    if header is None:
        return False
    qualities = dict(weighted(header.decode("latin-1")))
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0


def weighted(header: str) -> list[tuple[str, float]]:
    """The items of a header of preferences with their weight from 0 to 1; parameters other than `q` are left out."""
    found = []
    for item in header.split(",")[:_MOST_RANGES]:
        media, *parameters = item.split(";")
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = _quality(value.strip())
        found.append((media.strip().lower(), quality))
    return found


def _quality(value: str) -> float:
    """A weight; one that is not a number from 0 to 1 counts as 0, as if the item were not there."""
    if not value.isascii() or not value.replace(".", "", 1).isdigit():
        return 0.0
    return min(float(value), 1.0)
