"""Tags to memberships and states: `[role key=value STATE: reason]` on a host line."""

from __future__ import annotations

import re
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.host import Membership, State
from matrix_grammar.model.vocabulary import UP
from matrix_grammar.syntax.words import Quoted, Tag, TagBody

from .declarations import Declarations
from .properties import Placed, Properties

ROLE_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-._][a-z0-9]+)*", re.ASCII)

Columns = dict[str, list[Membership]]
"""The membership of each host of a line, by role, in order of first mention."""


class Tags:
    """Resolves tags under the declarations of a MATRIX."""

    def __init__(self, declarations: Declarations, properties: Properties, problems: Problems) -> None:
        self._declarations = declarations
        self._properties = properties
        self._problems = problems
        self._plain: dict[str, tuple[Membership, ...]] = {}
        self.written: dict[str, tuple[Membership, ...]] = {}
        """The same by the tag that says no more than the role: `[ps]`."""

    def plain(self, role: str) -> tuple[Membership, ...]:
        """The memberships of a host that is just in a role: those of the roles above a sub-role, then its own."""
        known = self._plain.get(role)
        if known is None:
            parts = role.split(".")
            above = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
            known = (*(self.plain(name)[-1] for name in above[:-1]), Membership(role))
            self._plain[role] = self.written[f"[{role}]"] = known
        return known

    def memberships(
        self, tags: tuple[Tag, ...], header: str | None, spot: Spot, count: int
    ) -> tuple[list[tuple[Membership, ...]], State | None]:
        """The memberships of each of `count` hosts of a line, header's role included, and the state of them all."""
        simple: dict[str, Membership] = {}
        named: set[str] = set()
        if header:
            for membership in self.plain(header):
                simple[membership.role] = membership
        special = []
        for tag in tags:
            body = tag.body
            role = body.role
            if role is None or body.pairs or body.state is not None or role.text not in self._plain:
                special.append(tag)
                continue
            if role.text in named and role.text != header:
                self._report_repeated(tag, spot)
            named.add(role.text)
            for membership in self._plain[role.text]:
                simple.setdefault(membership.role, membership)
        if not special:
            return [tuple(simple.values())] * count, None
        return self._with_special(tags, header, spot, count)

    def _report_repeated(self, tag: Tag, spot: Spot) -> None:
        assert tag.body.role is not None
        at = spot.at(tag)
        self._problems.add(
            "M050", at, f"role {tag.body.role.text} is given twice on this line", cure="remove one of the two"
        )

    def _with_special(
        self, tags: tuple[Tag, ...], header: str | None, spot: Spot, count: int
    ) -> tuple[list[tuple[Membership, ...]], State | None]:
        """The same where a tag has more than a known role in it."""
        columns: Columns = {}
        for membership in self.plain(header) if header else ():
            columns[membership.role] = [membership] * count
        state: State | None = None
        state_tag: Tag | None = None
        seen: dict[str, Tag] = {}
        for tag in tags:
            own = self._state(tag, spot)
            if tag.body.role is None:
                if own is None:
                    continue
                if state is not None and state_tag is not None and own != state:
                    first = (spot.at(state_tag), "given here first")
                    at = spot.at(tag)
                    self._problems.add("M030", at, "two states for one host", notes=[first])
                    continue
                state, state_tag = own, tag
            elif self._role_is_well_named(tag, spot):
                self._place(tag, own, spot, count, columns, seen)
        rows: list[tuple[Membership, ...]] = list(zip(*columns.values(), strict=True)) if columns else [()] * count
        return rows, state

    def _place(
        self, tag: Tag, state: State | None, spot: Spot, count: int, columns: Columns, seen: dict[str, Tag]
    ) -> None:
        """Put a tag's role, with its properties and state, among the columns."""
        assert tag.body.role is not None
        role = tag.body.role.text
        for membership in self.plain(role):
            columns.setdefault(membership.role, [membership] * count)
        first = seen.setdefault(role, tag)
        pairs: list[Placed] = [(pair, lambda p: spot.at(tag.in_line(p))) for pair in tag.body.pairs]
        if first is not tag:
            if first.body.pairs or first.body.state or pairs or state:
                note = (spot.at(first), "given here first")
                at = spot.at(tag)
                self._problems.add("M030", at, f"two tags for role {role}", cure="put all into one tag", notes=[note])
            else:
                self._report_repeated(tag, spot)
            return
        if not pairs and state is None:
            return
        values = self._properties.each(pairs, count)
        columns[role] = (
            [Membership(role, values[0], state)] * count
            if all(value is values[0] for value in values)
            else [Membership(role, value, state) for value in values]
        )

    def _role_is_well_named(self, tag: Tag, spot: Spot) -> bool:
        role = tag.body.role
        assert role is not None
        return check_role_name(role.text, spot.at(tag.in_line(role)), self._problems)

    def _state(self, tag: Tag, spot: Spot) -> State | None:
        """The state that a tag gives, or None when it gives none that is known."""
        body: TagBody = tag.body
        if body.state is None:
            return None
        name = body.state.text
        kind = self._declarations.states.get(name)
        if kind is None:
            self._report_state(name, spot.at(tag.in_line(body.state)), body)
            return None
        reason = body.reason
        text = "" if reason is None else reason.value if isinstance(reason, Quoted) else reason.text
        return State(name, kind.in_service, text)

    def _report_state(self, name: str, at: At, body: TagBody) -> None:
        known = self._declarations.states
        hint = f"states here: {', '.join(known)}"
        if name == UP:
            cure = "a host is up unless a state takes it out of service; remove the tag"
            return self._problems.add("M012", at, "UP is not a state that can be given", cure=cure, hint=hint)
        if name.upper() in known:
            return self._problems.add("M012", at, f"unknown state {name}", cure=f"write {name.upper()}", hint=hint)
        cure = did_you_mean(nearest(name, known))
        lower = name.lower()
        if not cure and name != name.upper() and ROLE_NAME.fullmatch(lower) and body.reason is None:
            cure = f"a role is written in lower case: {lower}"
        return self._problems.add("M012", at, f"unknown state {name}", cure=cure, hint=hint)


def check_role_name(name: str, at: At, problems: Problems) -> bool:
    """Whether a role or group may have this name; if not, say so."""
    if ROLE_NAME.fullmatch(name):
        return True
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    cure = f"write {better}" if ROLE_NAME.fullmatch(better) else ""
    hint = "lower case letters and digits, joined by single - _ ."
    problems.add("M013", at, f"{name} cannot name a role or group", cure=cure, hint=hint)
    return False
