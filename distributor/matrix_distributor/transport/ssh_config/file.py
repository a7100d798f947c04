"""An ssh_config as it stands: blocks of settings, with files included in them (ssh_config(5))."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from matrix_common.paths import at_home
from matrix_common.trust import Judge, UntrustedError
from matrix_distributor.transport.options import TransportError

from .patterns import pattern_list_matches
from .values import VALUES, Value
from .words import BLANKS, first_word, words

DEEPEST_INCLUDE = 16
"""Includes within includes that are followed, as OpenSSH does, before it must be a circle."""

_BARE = ("all", "canonical", "final")
_CRITERIA = ("host", "originalhost", "user", "localuser", "exec")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of a Match; `argument` is empty for `all`, `canonical` and `final`."""

    name: str
    argument: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A keyword in lower case and its value, and where it stands, for messages."""

    keyword: str
    value: Value
    where: str


@dataclass(slots=True)
class Block:
    """What holds for some hosts: those of the patterns of a `Host`, or of all criteria of a `Match`; else for all."""

    hosts: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] = ()
    where: str = ""
    content: list[Setting | ConfigFile] = field(default_factory=list)


class ConfigFile:
    """The blocks of one file, in order. A block for hosts by name is found by name.

    Else 1,000 hosts with a block each would cost a million comparisons.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = [Block()]
        self._general: dict[int, tuple[str, ...] | None] = {0: None}
        self._named: dict[str, set[int]] = {}

    def begin(self, block: Block) -> None:
        """Add a block."""
        index = len(self.blocks)
        self.blocks.append(block)
        if block.hosts is None or any(pattern.startswith("!") for pattern in block.hosts):
            self._general[index] = block.hosts
            return
        wild = tuple(pattern for pattern in block.hosts if "*" in pattern or "?" in pattern)
        if wild:
            self._general[index] = wild
        for name in set(block.hosts) - set(wild):
            self._named.setdefault(name, set()).add(index)

    def blocks_of(self, name: str) -> Iterator[Block]:
        """The blocks of a host by its name, in order; those with criteria are for the caller to judge."""
        named = self._named.get(name, set())
        for index in sorted(self._general.keys() | named):
            if index in named or _are_of(self._general[index], name):
                yield self.blocks[index]

    def wants_final_pass(self) -> bool:
        """Whether a Match anywhere in it has the criterion `final`."""
        return any(
            any(criterion.name == "final" for criterion in block.criteria)
            or any(isinstance(part, ConfigFile) and part.wants_final_pass() for part in block.content)
            for block in self.blocks
        )


def read_config(path: Path, judge: Judge, *, required: bool, deepest: int = DEEPEST_INCLUDE) -> ConfigFile:
    """Read a file and all that it includes. Raises TransportError, with the line, for what cannot be followed."""
    if deepest < 0:
        raise TransportError(f"{path}: Include goes in a circle")
    config = ConfigFile()
    for number, line in enumerate(_lines(path, judge, required=required), 1):
        where = f"{path}:{number}"
        try:
            _take(config, line.rstrip(BLANKS + "\f"), where, judge, deepest)
        except ValueError as error:
            raise TransportError(f"{where}: {error}") from error
    return config


def _lines(path: Path, judge: Judge, *, required: bool) -> list[str]:
    try:
        content, verdict = judge.read(path)
        verdict.insist()  # it can name programs: Match exec, ProxyCommand
    except UntrustedError as error:
        raise TransportError(str(error)) from error
    except FileNotFoundError as error:
        if required:
            raise TransportError(f"{path}: there is no such ssh_config") from error
        return []  # for an Include: a link that leads nowhere
    except IsADirectoryError as error:
        if required:
            raise TransportError(f"{path}: a folder, not an ssh_config") from error
        return []  # such as one beside the files that `Include conf.d/*` is meant for
    except OSError as error:
        raise TransportError(f"{path}: cannot be read: {error.strerror}") from error
    return content.decode("utf-8", "surrogateescape").split("\n")


def _take(config: ConfigFile, line: str, where: str, judge: Judge, deepest: int) -> None:
    keyword, rest = first_word(line.lstrip(BLANKS))
    if not keyword:  # an empty word before it, as by a quote or a `=`, is passed over
        keyword, rest = first_word(rest)
    keyword = keyword.lower()
    if not keyword or keyword.startswith("#"):
        return
    if not rest:
        raise ValueError(f"{keyword} without an argument")
    split = words(rest)
    if keyword == "host":
        config.begin(Block(hosts=tuple(_filled(split, keyword)), where=where))
    elif keyword == "match":
        config.begin(Block(criteria=tuple(_criteria(rest)), where=where))
    elif keyword == "include":
        for included in _included(_filled(split, keyword)):
            config.blocks[-1].content.append(read_config(included, judge, required=False, deepest=deepest - 1))
    elif keyword in VALUES:
        config.blocks[-1].content.append(Setting(*VALUES[keyword](keyword, rest, split), where))


def _filled(split: list[str], keyword: str) -> list[str]:
    if not all(split):
        raise ValueError(f"{keyword} with an empty argument")
    return split


def _included(patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        place = os.path.join(at_home("~/.ssh"), at_home(pattern))
        yield from (Path(path) for path in sorted(glob.glob(place)))


def _criteria(text: str) -> Iterator[Criterion]:
    count = 0
    while text and not text.startswith("#"):
        name, text = first_word(text)
        negated, name = name.startswith("!"), name.removeprefix("!").lower()
        if name == "all":
            if count > 1 or (text and not text.startswith("#")):
                raise ValueError("Match all stands alone, or behind one `canonical` or `final`")
            yield Criterion(name, negated=negated)
            return
        count += 1
        if name in _BARE:
            yield Criterion(name, negated=negated)
        elif name not in _CRITERIA:
            raise ValueError(
                f"Match {name} is not supported here (supported: {', '.join((*_BARE, *_CRITERIA))});"
                " give MATRIX a file without it: ssh.config in matrix.toml"
            )
        else:
            argument, text = first_word(text) if text else ("", "")
            if not argument or argument.startswith("#"):
                raise ValueError(f"Match {name} without an argument")
            yield Criterion(name, argument, negated)
    if not count:
        raise ValueError("Match without a criterion")


def _are_of(patterns: tuple[str, ...] | None, name: str) -> bool:
    return patterns is None or pattern_list_matches(patterns, name)
