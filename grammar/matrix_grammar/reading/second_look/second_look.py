"""What is allowed, and yet most likely a slip: looked for once all texts are read, among what they say.

Each check is linear in the texts, and its file is imported by a text that has something for it alone: most have not.
"""

from __future__ import annotations

from collections.abc import Sequence

from matrix_common.trouble import NEXT_RELEASE
from matrix_grammar.diagnostics.problems import Problems, Spot
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.vocabulary import LONGEST_LABEL
from matrix_grammar.resolve.merging import name_at
from matrix_grammar.texts.source import Source


def look_again(sources: Sequence[Source], fleet: Fleet, problems: Problems) -> None:
    """Warn of what these texts say, and most likely do not mean."""
    if not all(source.content.isascii() for source in sources):
        from .characters import look_for_characters

        look_for_characters(sources, problems)
    families = property_table().families
    if any(family in source.text for source in sources for family in families):
        from .value_check import ValueCheck

        ValueCheck(sources, fleet, problems).warn()
    if not all(role.sections for role in fleet.roles.values()):
        from .single_tags import warn_of_single_tags

        warn_of_single_tags(sources, fleet, problems)
    if problems.errors:
        return  # what a line that is wrong would have said may be missing in what follows
    if fleet.roles and not all(host.memberships for host in fleet.hosts):
        from .hosts_without_role import warn_of_no_role

        warn_of_no_role(sources, fleet, problems)
    _warn_of_long_names(sources, fleet, problems)


def _warn_of_long_names(sources: Sequence[Source], fleet: Fleet, problems: Problems) -> None:
    """Names that DNS cannot have: no resolver finds such a host."""
    shown = {source.path: source for source in sources}
    for host in fleet.hosts:
        if len(host.fullname) <= LONGEST_LABEL or host.file not in shown:
            continue
        label = max(host.fullname.split("."), key=len)
        if len(host.fullname) > 253:
            message = f"the full name of {host.name:.80} has {len(host.fullname)} letters; a name in DNS has 253"
        elif len(label) > LONGEST_LABEL:
            message = f"{len(label)} letters without a dot; in DNS there are {LONGEST_LABEL} between two dots"
        else:
            continue
        hint = "no resolver finds such a host by its name"
        at = name_at(Spot(shown[host.file], host.line))
        problems.add("M068", at, message + NEXT_RELEASE, cure="shorten it", hint=hint)
