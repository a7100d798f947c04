"""What the values of properties look like beyond their types: words, patterns, names of hosts and roles.

The configurations that are made of them refuse the same, but only when they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.declared import ValueForm
from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.values import ValueMistake
from matrix_grammar.model.vocabulary import LONGEST_LABEL

CHECK_FORM: Final = (
    r"(?as)(?P<web>https?):(?P<webport>[0-9]{1,5})?(?P<path>/.*)"
    r"|(?P<plain>tcp|smtp)(?::(?P<port>[0-9]{1,5}))?"
    r"|misc:(?P<script>/.+)"
    r"|(?P<none>none)"
)
CHECK_FORMS: Final = (
    "http:/PATH, https:/PATH, http:PORT/PATH, tcp, tcp:PORT, smtp, smtp:PORT, misc:/SCRIPT ARGUMENTS or none"
)
"""The forms of `check`, as a pattern and in words. Patterns are texts here, compiled when one is needed."""

STATUS_FORM: Final = r"(?a)[1-5][0-9]{2}(?:-[1-5][0-9]{2})?(?: [1-5][0-9]{2}(?:-[1-5][0-9]{2})?)*"
INTERFACE: Final = r"(?a)[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}"
VARIABLE: Final = r"(?a)[A-Za-z_][A-Za-z0-9_]*"

_CHECK_KINDS: Final = ("http", "https", "tcp", "smtp", "misc", "none")
_NAME: Final = r"(?a)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_USER: Final = r"[^\s%$'\"`-][^\s%$'\"`]*"

FormCheck = Callable[[str, Fleet], None]
"""Raises ValueMistake for a value that is none."""


def _words(known: Iterable[str], what: str) -> FormCheck:
    words = tuple(known)

    def judge(text: str, fleet: Fleet) -> None:
        if text not in words:
            near = nearest(text, words, limit=1) or tuple(word for word in words if len(word) > 1 and word in text)[:1]
            raise ValueMistake(f"{text:.60} is no {what}", did_you_mean(near) or f"there are {', '.join(words)}")

    return judge


def _form(pattern: str, what: str, cure: str) -> FormCheck:
    def judge(text: str, fleet: Fleet) -> None:
        if re.fullmatch(pattern, text) is None:
            raise ValueMistake(f"{text:.60} is no {what}", cure)

    return judge


def _check(text: str, fleet: Fleet) -> None:
    match = re.fullmatch(CHECK_FORM, text)
    port = match and (match["webport"] or match["port"])
    if port and not 1 <= int(port) <= 65535:
        raise ValueMistake(f"{port} is not a port", "a port is 1..65535")
    if match is not None and not (match["path"] or "").startswith("//"):
        return
    kind, colon, rest = text.partition(":")
    lower = nearest(kind, _CHECK_KINDS, limit=1)
    better = f"{lower[0]}{colon}{rest}" if lower else ""
    if lower and lower[0] in ("http", "https", "misc") and not rest.lstrip("0123456789").startswith("/"):
        better = f"{lower[0]}:/{rest}"
    better = re.sub(r":(\d*)//+", r":\1/", better)
    if better == text or re.fullmatch(CHECK_FORM, better) is None:
        better = ""
    what = "begins its path with two slashes" if match is not None else "is no check"
    raise ValueMistake(f"{text:.60} {what}", f"did you mean {better:.60}?" if better else f"write {CHECK_FORMS}")


def _host_name(text: str, fleet: Fleet) -> None:
    bare = text.removeprefix("*.").removesuffix(".")
    if not re.fullmatch(_NAME, bare) or ".." in bare:
        raise ValueMistake(f"{text:.60} is no host name", "letters, digits, - _ .")
    if len(bare) > 253 or max(map(len, bare.split("."))) > LONGEST_LABEL:
        raise ValueMistake(f"{text:.60} is too long for DNS", f"at most {LONGEST_LABEL} letters between two dots")


def _host_or_address(text: str, fleet: Fleet) -> None:
    if ":" not in text:
        _host_name(text, fleet)


def _jump(text: str, fleet: Fleet) -> None:
    if text != "none":
        fleet.host(text)


def _selector(text: str, fleet: Fleet) -> None:
    fleet.select(text)


def _path_and(what: str, names: Callable[[str, Fleet], object]) -> FormCheck:
    def judge(text: str, fleet: Fleet) -> None:
        path, _, behind = text.partition(" ")
        if not path.startswith("/") or not behind.strip():
            raise ValueMistake(f"{text:.60} is not a path and a {what.lower()}", f'write "/PATH {what}"')
        names(behind, fleet)

    return judge


def _environment(text: str, fleet: Fleet) -> None:
    name, equals, _ = text.partition("=")
    if not equals or not re.fullmatch(VARIABLE, name):
        raise ValueMistake(f"{text:.60} sets no variable", 'write "NAME=value"')


def _host_key(text: str, fleet: Fleet) -> None:
    from matrix_grammar.model.host_keys import what_is_wrong  # few texts have one

    wrong = what_is_wrong(text)
    if wrong:
        raise ValueMistake(f"{text:.60} is no host key: {wrong}", "write it as in a .pub file, in quotes, or SHA256:…")


_NAMED: Final[Mapping[str, FormCheck]] = {
    "check": _check,
    "status codes": _form(STATUS_FORM, "list of HTTP status codes", "write codes and ranges: 200 or 200-299 301"),
    "host name": _host_name,
    "host or address": _host_or_address,
    "host or none": _jump,
    "host key": _host_key,
    "user": _form(_USER, "user", "a user's name has no blanks, quotes, % or $"),
    "interface": _form(INTERFACE, "interface", "an interface has at most 15 letters, as eth0"),
    "selector": _selector,
    "path and role": _path_and("ROLE", lambda text, fleet: fleet.role(text)),
    "path and selector": _path_and("SELECTOR", lambda text, fleet: fleet.select(text)),
    "variable": _environment,
}
"""The forms that a property has by name; NAMED_FORMS of the vocabulary lists them."""


def form_check(form: ValueForm) -> FormCheck:
    """What judges the values of a property with this form."""
    if form.name:
        return _NAMED[form.name]
    return _words(form.words, form.noun) if form.words else _form(form.pattern, form.noun, form.cure)


def words_of(key: str) -> tuple[str, ...]:
    """The words that are values of a property."""
    return property_table().forms[key].words


def pattern_of(key: str) -> str:
    """The regular expression that the values of a property match as a whole."""
    return property_table().forms[key].pattern
