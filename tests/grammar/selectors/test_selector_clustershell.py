"""Selectors against the real ClusterShell on random fleets.

Three differences are meant: a group is written without `@`; an unknown name is an error and not an empty set; and
answers keep the order of the MATRIX, where ClusterShell sorts.
"""

import pytest
from ClusterShell.NodeSet import NodeSet
from ClusterShell.NodeUtils import GroupResolver, GroupSource
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.reading import loads

ROLES = ("lv", "ps", "db", "mx")


class Roles(GroupSource):
    def __init__(self, members):
        super().__init__("roles")
        self.members = members

    def resolv_map(self, group):
        return self.members.get(group, "")


memberships = st.lists(st.sets(st.sampled_from(ROLES)), min_size=1, max_size=30)
chains = st.lists(
    st.tuples(st.sampled_from(",&!^"), st.sampled_from(ROLES) | st.tuples(st.integers(0, 9), st.integers(0, 9))),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(memberships, st.sampled_from(ROLES), chains)
def test_operators_mean_what_clustershell_means(hosts, first, rest):
    hosts = [*hosts, set(ROLES)]
    lines = [f"w{n} 10.0.0.{n + 1} {' '.join(f'[{r}]' for r in sorted(roles))}" for n, roles in enumerate(hosts)]
    fleet = loads("\n".join(lines) + "\n")
    members = {role: ",".join(f"w{n}" for n, roles in enumerate(hosts) if role in roles) for role in ROLES}
    resolver = GroupResolver(Roles(members))
    ours, theirs = first, f"@{first}"
    for operator, term in rest:
        if isinstance(term, tuple):
            low, high = sorted(bound % len(hosts) for bound in term)
            written = f"w[{low}-{high}]"
            ours, theirs = ours + operator + written, theirs + operator + written
        else:
            ours, theirs = ours + operator + term, f"{theirs}{operator}@{term}"
    answer = NodeSet(theirs, resolver=resolver)
    selected = fleet.select(ours)
    assert set(selected.names) == set(answer)
    assert selected.folded == str(answer)


def test_an_unknown_name_passes_there_and_not_here():
    resolver = GroupResolver(Roles({"ps": "w1"}))
    assert str(NodeSet("@ps!@psx", resolver=resolver)) == "w1"
    with pytest.raises(SelectorError):
        loads("w1 10.0.0.1 [ps]\n").select("ps!psx")
