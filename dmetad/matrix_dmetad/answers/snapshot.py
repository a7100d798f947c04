"""One state of the MATRIX, from which every request is answered; what was asked once is kept ready."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from typing import Final

from matrix_dmetad.answers.pages import pages
from matrix_dmetad.errors import Problem
from matrix_dmetad.settings import Settings
from matrix_emitters.artifacts import Manifest
from matrix_emitters.view import View
from matrix_grammar.model import Host

from .documents import Document
from .facts import Facts
from .formats import NAMES, SUFFIXES, spell
from .memory import Memory
from .query import Query, parse_path, parse_query
from .representation import PRIVATE, REVALIDATE, VARY, Representation, represent, represent_problem
from .resources import Resources

MOST_BYTES: Final = 12 * 2**20
"""Bodies kept ready, in bytes; the ones asked longest ago are dropped first."""

_MOST_PROBLEMS: Final = 500


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks: equal targets have equal answers in one snapshot.

    `forms` are those that the caller accepts, the best first. `caller` is the name of the host that asks, for
    `/@self`, None when it is none of the MATRIX, and None on every other path.
    """

    path: bytes
    query: bytes
    forms: tuple[str, ...]
    caller: str | None = None


class Snapshot:
    """A Fleet, its generation and its answers. Nothing in it changes but that answers are made when first asked for.

    And but for `refused`: why what came after it cannot be used; empty while it is the latest. Pages for people say so.
    """

    def __init__(
        self,
        view: View,
        *,
        name: str,
        modified: float,
        manifest: Manifest | None = None,
        manifest_text: bytes = b"",
        texts: Mapping[str, bytes],
        settings: Settings,
        exact: bool = True,
    ) -> None:
        """`name` is `N-DIGEST12`; `modified` seconds since the epoch; `exact`: the one before has another time.

        `settings` are those that hold while it is in force.
        """
        self.view = view
        self.name = name
        self.modified = modified
        self.settings = settings
        self.exact = exact
        self.refused = ""
        self.manifest = manifest
        self.facts = Facts(view)
        self.resources = Resources(self.facts, manifest, manifest_text, texts)
        self.generation_header = (b"x-matrix-generation", name.encode("ascii"))
        self.modified_header = (b"last-modified", formatdate(modified, usegmt=True).encode("ascii"))
        self.memory = Memory()
        self._kept: OrderedDict[Target, Representation] = OrderedDict()
        self._problems: OrderedDict[Target, Representation] = OrderedDict()
        self._bytes = 0
        self._indexes: tuple[object, ...] = ()

    @cached_property
    def by_address(self) -> Mapping[str, Host]:
        """Every host by each of its addresses in their one spelling."""
        return {str(ipaddress.ip_address(address)): host for host in self.view.hosts for address in host.addresses}

    def prepare(self, targets: Iterable[Target], now: float) -> None:
        """Make what everything else rests on, and the answers to these targets, before this snapshot is in force."""
        self._indexes = (self.by_address, self.view.index, self.facts.properties)  # each is built when it is first read
        for target in targets:
            self.keep(target, self.make(target, now))

    def says_the_same_as(self, other: Snapshot) -> bool:
        """Whether every answer of both is the same: made from the same bytes with the same settings."""
        mine, others = (self.view.options, self.settings), (other.view.options, other.settings)
        return self.name == other.name and mine == others

    def retire(self) -> list[object]:
        """The hosts, so that the caller frees them without haste: nothing points from them back to the snapshot."""
        return list(self.view.hosts)

    @property
    def asked(self) -> tuple[Target, ...]:
        """What was asked, the latest last."""
        return tuple(self._kept)

    def kept(self, target: Target) -> Representation | None:
        """The answer, when it is ready."""
        answer = self._kept.get(target)
        if answer is not None:
            self._kept.move_to_end(target)
            return answer
        return self._problems.get(target)

    def keep(self, target: Target, answer: Representation) -> None:
        """Keep an answer ready, and drop others when there are too many."""
        if answer.status != 200:
            self._problems[target] = answer
            if len(self._problems) > _MOST_PROBLEMS:
                self._problems.popitem(last=False)
        elif answer.form != "html" and answer.size <= MOST_BYTES // 2 and target not in self._kept:
            self._kept[target] = answer
            self._bytes += answer.size
            while self._bytes > MOST_BYTES:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.size

    def make(self, target: Target, now: float) -> Representation:
        """The answer to a target. May take a while: for a big fleet it is for a thread of its own.

        `now`, in seconds since the epoch, stands only in pages for people, which say how old the generation is.
        """
        form = target.forms[0] if target.forms else "text"
        shared = b"self" not in target.path
        try:
            query = parse_query(target.query)
            forms = _asked_form(query) or target.forms
            form = forms[0] if forms else "text"
            path = parse_path(target.path)
            form = SUFFIXES.get(_suffix(path), form)
            if path and path[0].split(".")[0] == "@self":
                if len(path) == 1 and path[0] != "@self":
                    forms = (form,)
                path = ("@self", self._caller(target), *path[1:])
            path, document, forms = self._document(path, query, forms)
            form = _choose(document, forms)
            if form == "html":
                return represent(pages.render(self, path, query, document, now), form, shared=False)
            selects = path[:1] == ("@select",)
            query.only(*(name for name, _ in query.items if name != "from" and (name != "q" or selects)))
            headers = (VARY, REVALIDATE if shared else PRIVATE)
            return represent(spell(document, form), form, headers=headers, shared=shared)
        except Problem as problem:
            page = pages.render_problem(self, problem, now) if form == "html" else None
            return represent_problem(problem, form, page, shared=shared)

    def _document(
        self, path: tuple[str, ...], query: Query, forms: tuple[str, ...]
    ) -> tuple[tuple[str, ...], Document, tuple[str, ...]]:
        """The answer of a path; one that is not known is tried without its suffix, which then says the form."""
        asked = query if path and path[0].split(".")[0] == "@select" else query.without("q")
        asked = asked.without("from")
        try:
            return path, self.resources.answer(path, asked), forms
        except Problem as problem:
            suffix = _suffix(path)
            injected = path[:1] == ("@self",) and len(path) == 2
            if suffix not in SUFFIXES or not problem.code.startswith("unknown-") or problem.status != 404 or injected:
                raise
            stem = path[-1].removesuffix("." + suffix)
            shorter = (*path[:-1], stem) if stem else path[:-1]
        return shorter, self.resources.answer(shorter, asked), (SUFFIXES[suffix],)

    def _caller(self, target: Target) -> str:
        if target.caller is None:
            raise Problem(404, "unknown-caller", "the address that asks is not that of any host of the MATRIX")
        return target.caller


def _suffix(path: tuple[str, ...]) -> str:
    """What stands after the last dot of a path."""
    return path[-1].rpartition(".")[2] if path and "." in path[-1] else ""


def _asked_form(query: Query) -> tuple[str, ...] | None:
    """What `?format=` says. Raises Problem with what exists."""
    name = query.get("format")
    if name is None:
        return None
    if name not in SUFFIXES:
        raise Problem(406, "not-acceptable", f"there are {', '.join((*NAMES, 'html'))}")
    return (SUFFIXES[name],)


def _choose(document: Document, forms: tuple[str, ...]) -> str:
    """The best form that both sides have. Raises Problem with what exists."""
    if document.raw is None:
        if forms:
            return forms[0]
        raise Problem(406, "not-acceptable", f"there are {', '.join((*NAMES, 'html'))}")
    for form in forms:
        if form in (document.raw[0], "html"):
            return form
    raise Problem(406, "not-acceptable", f"there are {document.raw[0]}, html")
