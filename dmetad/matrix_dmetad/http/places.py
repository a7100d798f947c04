"""Who may hold a place: connections in all and of each client, heads that are still arriving, answers not yet taken.

What a client may make the server hold is bounded here, in numbers and in bytes. Where a bound is reached, what lies
idle makes room, the oldest first; who is being answered, or waits for a change, is left alone.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from heapq import nsmallest
from typing import Final, Protocol

from matrix_dmetad.settings import Settings

from .guard import canonical

HEADER_COST: Final = 160
"""Bytes of memory that a header takes beside its own, so that many short ones count for what they are."""

REQUEST_COST: Final = 3_000
"""Bytes of memory that a request takes, beside its own, that waits behind another of its connection."""

MOST_HEADERS: Final = 100
"""Headers of a request."""

MOST_PIPELINED: Final = 100
"""Requests of a connection that may wait behind another of its own."""

LONGEST_WAITING: Final = 1_024
"""Bytes of headers that a request may hold while it waits for a change."""

MOST_UNTAKEN: Final = 64 * 1024 * 1024
"""Bytes of answers that all clients together may leave untaken."""

SHARE: Final = 64
"""Of those that lie idle this part makes room at once, so that a search pays for many newcomers."""


class Holder(Protocol):
    """A connection, as far as it takes a place."""

    place: str | None
    head: int
    untaken: int

    @property
    def idle_since(self) -> float | None:
        """Since when nothing is done for it, by the monotonic clock; None while something is."""

    def end(self) -> None:
        """Close it now."""


class Places:
    """The places of one server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._holders: dict[str | None, dict[Holder, None]] = {}
        self._heads: dict[Holder, None] = {}
        self._stalled: dict[Holder, None] = {}
        self._waits: Counter[str] = Counter()
        self.count = self.heads = self.untaken = 0

    def configure(self, settings: Settings) -> None:
        """Go by these bounds from now on."""
        self._settings = settings

    def join(self, holder: Holder, client: str | None) -> bool:
        """Give a connection a place; False when there is none, and none lies idle."""
        holder.place = place = place_of(client, self._settings)
        group = self._holders.setdefault(place, {})
        most = self._settings.connections_per_client
        if place is not None and most and len(group) >= most and not _make_room(group):
            return False
        if self.count >= self._settings.connections:
            largest = max(self._holders.values(), key=len)
            if not _make_room(largest) and not any(_make_room(each) for each in list(self._holders.values())):
                return False
        self._holders.setdefault(place, group)[holder] = None
        self.count += 1
        return True

    def leave(self, holder: Holder) -> None:
        """Take the place back; harmless for one that has none."""
        self.arrived(holder)
        self.taken(holder)
        group = self._holders.get(holder.place)
        if group is not None and holder in group:
            del group[holder]
            self.count -= 1
        if not group:
            self._holders.pop(holder.place, None)

    def arriving(self, holder: Holder, cost: int) -> None:
        """A head that is not whole has come to hold so many bytes: the oldest of all make room for it."""
        self.heads += cost - holder.head
        holder.head = cost
        self._heads[holder] = None
        while self.heads > self._settings.open_heads and len(self._heads) > 1:
            next(iter(self._heads)).end()

    def arrived(self, holder: Holder) -> None:
        """No head is arriving any more."""
        if holder.head:
            self.heads -= holder.head
            holder.head = 0
            self._heads.pop(holder, None)

    def stalled(self, holder: Holder, size: int) -> None:
        """So many bytes of answers are not taken: those that have not taken theirs for longest make room."""
        self.untaken += size - holder.untaken
        holder.untaken = size
        self._stalled[holder] = None
        while self.untaken > MOST_UNTAKEN and len(self._stalled) > 1:
            next(iter(self._stalled)).end()

    def taken(self, holder: Holder) -> None:
        """It has caught up."""
        if holder.untaken:
            self.untaken -= holder.untaken
            holder.untaken = 0
        self._stalled.pop(holder, None)

    def may_wait(self, place: str | None) -> bool:
        """Whether a client may have one more request that waits."""
        most = self._settings.waiters_per_client
        return place is None or not most or self._waits[place] < most

    def waits(self, place: str | None, change: int) -> None:
        """A request of a client begins (1) or ends (-1) to wait."""
        if place is None:
            return
        self._waits[place] += change
        if self._waits[place] <= 0:
            del self._waits[place]


def place_of(client: str | None, settings: Settings) -> str | None:
    """Who counts as one client: an IPv4 address, a /64 of IPv6; None for unix sockets and proxies, who are many."""
    if client is None:
        return None
    address = canonical(client)
    if address is None:
        return client
    if any(address.version == network.version and address in network for network in settings.proxy_networks):
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return f"{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


def _make_room(group: dict[Holder, None]) -> bool:
    """End some of those that have been idle for longest; False when none is idle."""
    idle = [(since, id(holder), holder) for holder in group if (since := holder.idle_since) is not None]
    for _, _, holder in nsmallest(max(1, len(idle) // SHARE), idle):
        holder.end()
    return bool(idle)
