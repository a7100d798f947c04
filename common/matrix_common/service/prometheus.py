"""Figures in the text format of Prometheus (exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Kind = Literal["counter", "gauge", "histogram"]


class Sample(NamedTuple):
    """One figure; `suffix` is appended to the name of its family (`_bucket`, `_sum`, `_count`)."""

    value: float
    labels: Mapping[str, str] = {}
    suffix: str = ""


class Family(NamedTuple):
    """The figures of one name, with what they mean."""

    name: str
    kind: Kind
    meaning: str
    samples: Iterable[Sample]


def exposition(families: Iterable[Family]) -> str:
    """The page that Prometheus reads."""
    return "".join(map(_text, families))


def histogram(name: str, meaning: str, counts: Iterable[tuple[float, int]], total: int, seconds: float) -> Family:
    """A histogram: how many observations each upper bound has for itself, how many there are, and their sum."""
    samples, below = [], 0
    for bound, count in counts:
        below += count
        samples.append(Sample(below, {"le": f"{bound:g}"}, "_bucket"))
    samples += [
        Sample(total, {"le": "+Inf"}, "_bucket"),
        Sample(seconds, suffix="_sum"),
        Sample(total, suffix="_count"),
    ]
    return Family(name, "histogram", meaning, samples)


def _text(family: Family) -> str:
    head = f"# HELP {family.name} {family.meaning}\n# TYPE {family.name} {family.kind}\n"
    return head + "".join(
        f"{family.name}{sample.suffix}{_labels(sample.labels)} {_number(sample.value)}\n" for sample in family.samples
    )


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
