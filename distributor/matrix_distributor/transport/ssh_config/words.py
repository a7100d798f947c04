"""Lines of an ssh_config as OpenSSH takes them apart: a keyword, `=` or blanks, and words with quotes and escapes."""

from __future__ import annotations

import re

BLANKS = " \t\r\n"
_DELIMITER = re.compile(r'[ \t\r\n"=]')


def first_word(text: str) -> tuple[str, str]:
    """The first word and what follows, as strdelim(3) of OpenSSH: ended by blanks, by one `=`, or by its quotes.

    Raises ValueError where a quote is not closed.
    """
    found = _DELIMITER.search(text)
    if found is None:
        return text, ""
    start, sign = found.start(), found[0]
    if sign == '"':
        end = text.find('"', start + 1)
        if end < 0:
            raise ValueError("a quote is not closed")
        return text[:start] + text[start + 1 : end], text[end + 1 :].lstrip(BLANKS)
    rest = text[start + 1 :].lstrip(BLANKS)
    if sign != "=" and rest.startswith("="):
        rest = rest[1:].lstrip(BLANKS)
    return text[:start], rest


def words(text: str) -> list[str]:
    """All words, without their quotes and escapes, up to a comment. Raises ValueError where a quote is not closed."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
        elif text[at] == "#":
            break
        else:
            word, at = _word(text, at)
            found.append(word)
    return found


def _word(text: str, at: int) -> tuple[str, int]:
    taken: list[str] = []
    quote = ""
    while at < len(text) and (quote or text[at] not in " \t"):
        sign, after = text[at], text[at + 1 : at + 2]
        if sign == "\\" and after and (after in "'\"\\" or (after == " " and not quote)):
            taken.append(after)
            at += 1
        elif sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
        else:
            taken.append(sign)
        at += 1
    if quote:
        raise ValueError("a quote is not closed")
    return "".join(taken), at
