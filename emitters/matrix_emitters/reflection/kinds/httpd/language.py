"""Apache httpd's configuration: how an argument is written in it, and how a text is read back."""

from __future__ import annotations

import re
from typing import Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.directive import Directive
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.words import in_double_quotes

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:*+,=][A-Za-z0-9_./:*+,=-]*", re.ASCII)
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f]|\\$\\{")
_WORD: Final = re.compile(r"""\s*(?:"((?:\\[\\"]|[^"])*)"|'((?:\\[\\']|[^'])*)'|(\S+))""")
_SECTION: Final = re.compile(r"<\s*(?P<end>/)?(?P<name>[A-Za-z0-9]+)(?P<rest>.*)>", re.DOTALL)


def _spell(value: object) -> str:
    """An argument, in double quotes where it needs them.

    `${` is replaced before anything else is read and has no escape (mod_core, Define): it is refused, like line breaks.
    """
    return in_double_quotes(value, _PLAIN, _FORBIDDEN, "httpd")


HTTPD: Final = Language("httpd", _spell)


def parse_httpd(text: str) -> list[Directive]:
    """The directives of a configuration; a section is a directive with a block. Raises EmitterError."""
    top: list[Directive] = []
    open_sections = [Directive(("",), top)]
    for line in re.sub(r"\\\n", "", text).split("\n"):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        section = _SECTION.fullmatch(bare)
        if section is None:
            if bare.startswith("<"):
                raise EmitterError(f"httpd: cannot be read: {bare!r:.80}")
            _inner(open_sections[-1]).append(Directive(_words(bare)))
        elif section["end"]:
            if open_sections.pop().words[0].lower() != section["name"].lower() or not open_sections:
                raise EmitterError(f"httpd: {bare!r:.80} ends what was not begun")
        else:
            made = Directive((section["name"], *_words(section["rest"])), [])
            _inner(open_sections[-1]).append(made)
            open_sections.append(made)
    if len(open_sections) > 1:
        raise EmitterError(f"httpd: the text ends within <{open_sections[-1].words[0]}>")
    return top


def _inner(section: Directive) -> list[Directive]:
    assert section.block is not None
    return section.block


def _words(line: str) -> tuple[str, ...]:
    """The words of a line, as `ap_getword_conf` takes them."""
    words = []
    for match in _WORD.finditer(line.rstrip()):
        double, single, plain = match.groups()
        if double is not None:
            words.append(re.sub(r'\\([\\"])', r"\1", double))
        elif single is not None:
            words.append(re.sub(r"\\([\\'])", r"\1", single))
        else:
            words.append(plain.replace("\\\\", "\\"))
    return tuple(words)
