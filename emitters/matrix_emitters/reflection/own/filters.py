"""Jinja's filters that can make much out of little, each asked first what it would make (own_bounds)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from matrix_emitters.errors import EmitterError

from .bounds import WIDEST, demand, formatted, joined, length, weigh

Filter = Callable[..., Any]

_WIDTHS: Final = ("center", "indent", "truncate", "wordwrap", "batch", "slice", "round")
_Ask = Callable[..., None]


def bounded(filters: Mapping[str, Filter]) -> dict[str, Filter]:
    """Those of these filters that need a bound, with it."""
    found = {name: _narrow(name, filters[name]) for name in _WIDTHS if name in filters}
    before: dict[str, _Ask] = {
        "join": _join,
        "replace": _replace,
        "format": _format,
        "sum": _sum,
        "string": _string,
        "list": _list,
    }
    return found | {name: _asked(ask, filters[name]) for name, ask in before.items()}


def _asked(ask: _Ask, made: Filter) -> Filter:
    """A filter that asks first; Jinja's marks of what it is given before its value stay."""

    def run(*given: Any, **more: Any) -> Any:
        ask(*(given[1:] if _takes_context(made) else given), **more)
        return made(*given, **more)

    run.__dict__.update(made.__dict__)
    run.__dict__.pop("__wrapped__", None)
    return run


def _takes_context(made: Filter) -> bool:
    return getattr(made, "jinja_pass_arg", None) is not None


def _narrow(name: str, made: Filter) -> Filter:
    """A filter whose numbers are bounded."""

    def ask(value: object, *given: object, **more: object) -> None:
        for each in (*given, *more.values()):
            if isinstance(each, int):
                demand(abs(each), WIDEST, f"columns or rows of {name}")
            elif isinstance(each, str) and isinstance(value, str):
                length("", len(value) + (1 + value.count("\n") + len(value) // 10) * len(each))
        if isinstance(value, str) and name == "indent":
            length("", len(value) + (1 + value.count("\n")) * (WIDEST if given or more else 4))

    return _asked(ask, made)


def _join(value: Any, d: object = "", attribute: object = None) -> None:
    if isinstance(value, list | tuple | dict | str) and attribute is None:
        length("", weigh(value) + len(str(d)) * len(value))
    else:
        demand(len(str(d)), WIDEST, "characters between what is joined")


def _replace(value: object, old: object, new: object, *rest: object, **more: object) -> None:
    joined("replace", str(value), [str(old), str(new)])


def _format(value: object, *given: object, **more: object) -> None:
    formatted(str(value), [*given, *more.values()])


def _sum(value: object, attribute: object = None, start: object = 0) -> None:
    if not isinstance(start, int | float):
        raise EmitterError("sum adds numbers; put texts together with join")


def _string(value: object) -> None:
    length("", weigh(value) if isinstance(value, str | list | tuple | dict) else 0)


def _list(value: object) -> None:
    if isinstance(value, str):
        length([], len(value))
