"""The form of an ssh_config: its lines to blocks with words, split as OpenSSH splits them, and whom a block is for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Final

from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.lines import numbered_lines
from matrix_sources.outline.outline import Outline
from matrix_sources.outline.spelling import is_plain

_KEYWORD: Final = re.compile(r'"?([A-Za-z0-9]+)"?(?:\s*=\s*|\s+)(.*)')
_SIGNS: Final = re.compile(r"[*?!]")
_PIECE: Final = re.compile(
    r"""\\(['"\\])|(')((?:\\['"\\]|[^'])*)(')|(")((?:\\['"\\]|[^"])*)(")|\\( )|([ \t]+)|(.)""", re.DOTALL
)
_NOT_PLAIN: Final = frozenset("'\"\\#")
_ESCAPED: Final = re.compile(r"""\\(['"\\])""")
TAKEN: Final = ("hostname", "user", "port", "proxyjump")
"""The keywords that a MATRIX has something for."""

_KEYWORDS: Final = frozenset(
    {
        "addkeystoagent", "addressfamily", "batchmode", "bindaddress", "bindinterface", "canonicaldomains",
        "canonicalizefallbacklocal", "canonicalizehostname", "canonicalizemaxdots",
        "canonicalizepermittedcnames", "casignaturealgorithms", "certificatefile",
        "challengeresponseauthentication", "channeltimeout", "checkhostip", "cipher", "ciphers",
        "clearallforwardings", "compression", "compressionlevel", "connectionattempts", "connecttimeout",
        "controlmaster", "controlpath", "controlpersist", "dsaauthentication", "dynamicforward",
        "enableescapecommandline", "enablesshkeysign", "escapechar", "exitonforwardfailure", "fingerprinthash",
        "forkafterauthentication", "forwardagent", "forwardx11", "forwardx11timeout", "forwardx11trusted",
        "gatewayports", "globalknownhostsfile", "gssapiauthentication", "gssapiclientidentity",
        "gssapidelegatecredentials", "gssapikexalgorithms", "gssapikeyexchange", "gssapirenewalforcesrekey",
        "gssapiserveridentity", "gssapitrustdns", "hashknownhosts", "host", "hostbasedacceptedalgorithms",
        "hostbasedauthentication", "hostbasedkeytypes", "hostkeyalgorithms", "hostkeyalias", "hostname",
        "identitiesonly", "identityagent", "identityfile", "ignoreunknown", "include", "ipqos",
        "kbdinteractiveauthentication", "kbdinteractivedevices", "keepalive", "kexalgorithms",
        "knownhostscommand", "localcommand", "localforward", "loglevel", "logverbose", "macs", "match",
        "nohostauthenticationforlocalhost", "numberofpasswordprompts", "obscurekeystroketiming",
        "passwordauthentication", "permitlocalcommand", "permitremoteopen", "pkcs11provider", "port",
        "preferredauthentications", "protocol", "proxycommand", "proxyjump", "proxyusefdpass",
        "pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes", "pubkeyauthentication", "rekeylimit",
        "remotecommand", "remoteforward", "requesttty", "requiredrsasize", "revokedhostkeys",
        "rhostsrsaauthentication", "rsaauthentication", "securitykeyprovider", "sendenv", "serveralivecountmax",
        "serveraliveinterval", "sessiontype", "setenv", "smartcarddevice", "stdinnull", "streamlocalbindmask",
        "streamlocalbindunlink", "stricthostkeychecking", "syslogfacility", "tag", "tcpkeepalive", "tunnel",
        "tunneldevice", "updatehostkeys", "usekeychain", "useprivilegedport", "user", "userknownhostsfile",
        "verifyhostkeydns", "versionaddendum", "visualhostkey", "xauthlocation",
    }
)  # fmt: skip
"""Those of ssh_config(5), and those that earlier releases had."""


@dataclass(slots=True)
class Block:
    """A `Host` or `Match` block, or what stands before the first one: its settings with line, keyword and value."""

    patterns: list[str]
    line: int
    settings: list[tuple[int, str, str]] = field(default_factory=list)
    _rules: list[tuple[bool, re.Pattern[str]]] = field(default_factory=list)

    def is_literal(self) -> bool:
        """Whether it speaks of named hosts alone."""
        return not any(_SIGNS.search(pattern) for pattern in self.patterns)

    def named(self) -> list[str]:
        """The patterns that are names."""
        return [pattern for pattern in self.patterns if not _SIGNS.search(pattern)]

    def signed(self) -> list[str]:
        """The patterns that are none."""
        return [pattern for pattern in self.patterns if _SIGNS.search(pattern)]

    def matches(self, name: str) -> bool:
        """Whether ssh would take the block for this name: a pattern that is negated excludes."""
        if not self._rules:
            self._rules += [
                (p.startswith("!"), re.compile(translate(p.removeprefix("!").replace("[", "[[]"))))
                for p in self.patterns
            ]
        found = False
        for excludes, rule in self._rules:
            if rule.match(name):
                if excludes:
                    return False
                found = True
        return found


def words_of(text: str) -> tuple[list[str], str]:
    """The words of a line behind its keyword, and its comment. Raises ValueError for a quote that is not closed.

    `'…'` and `"…"` hold a word together; a backslash is a sign of its own but before a quote, another, and a blank; a
    word that begins with `#` begins a comment.
    """
    if is_plain(text) and _NOT_PLAIN.isdisjoint(text):
        return text.split(), ""
    words: list[str] = []
    word: str | None = None
    for match in _PIECE.finditer(text):
        if match[9] is not None:
            if word is not None:
                words.append(word)
            word = None
        elif word is None and match[10] == "#":
            return words, text[match.start() :].lstrip("# \t")
        elif match[10] in ("'", '"'):
            raise ValueError(text)
        else:
            held = _ESCAPED.sub(r"\1", match[3] if match[2] else match[6] or "")
            word = (word or "") + (match[1] or match[8] or match[10] or held)
    return ([*words, word] if word is not None else words), ""


def read_blocks(text: str, outline: Outline) -> list[Block]:
    """The blocks of a text. Raises DraftError when most of its lines are none of an ssh_config."""
    blocks = [Block(["*"], 0)]
    known, strange = 0, []
    for number, line in numbered_lines(text, outline):
        if line.startswith("#"):
            outline.comments.append((number, line.strip("# \t")))
        elif line:
            match = _KEYWORD.fullmatch(line)
            if match is None or match[1].lower() not in _KEYWORDS:
                strange.append((number, line))
                outline.leave(number, line, "no keyword of ssh_config with its arguments")
            else:
                known += 1
                _read_line(outline, blocks, number, line, match)
    if len(strange) > known:
        number, line = strange[0]
        raise DraftError(f"line {number}: {line[:60]!r} is no line of an ssh_config; is this the right file?")
    return blocks


def _read_line(outline: Outline, blocks: list[Block], number: int, line: str, match: re.Match[str]) -> None:
    keyword = match[1].lower()
    try:
        words, comment = words_of(match[2])
    except ValueError:
        outline.leave(number, line, "a quote is not closed")
        return
    if comment:
        outline.comments.append((number, comment))
    if not words:
        outline.leave(number, line, "nothing stands behind it")
    elif keyword == "host":
        blocks.append(Block(words, number))
    elif keyword == "match" and [word.lower() for word in words] != ["all"]:
        outline.leave(number, line, "a condition; what follows it is not carried over either")
        blocks.append(Block([], number))
    elif keyword == "match":
        blocks.append(Block(["*"], number))
    elif keyword == "include":
        outline.leave(number, line, "another file; import it by itself")
    elif not blocks[-1].patterns:
        outline.leave(number, line, "within a condition")
    elif keyword not in TAKEN:
        outline.leave(number, line, "MATRIX has nothing like it")
    elif len(words) > 1:
        outline.leave(number, line, "one word stands behind it; ssh refuses the file")
    else:
        blocks[-1].settings.append((number, keyword, words[0]))
