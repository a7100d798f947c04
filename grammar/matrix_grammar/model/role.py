"""What a set of hosts is for, and what its headers say of it site by site: a role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .facts import EMPTY, Named, Value

if TYPE_CHECKING:
    from .host import Host


@dataclass(frozen=True, slots=True)
class RoleSection:
    """What one or more headers say of a role for one site (`site` None: for all sites)."""

    site: str | None
    properties: Mapping[str, Value] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Role(Named):
    """What a set of hosts is for.

    `hosts` are all its hosts, in the order of the MATRIX, out of service or not. `sections` are in the order of the
    text, the one for all sites (if any) first. `parent` is the role that a sub-role is also in, or None.
    """

    name: str
    meaning: str = ""
    sections: tuple[RoleSection, ...] = ()
    parent: Role | None = field(default=None, compare=False, repr=False)
    hosts: tuple[Host, ...] = field(default=(), compare=False, repr=False)

    @property
    def in_service(self) -> tuple[Host, ...]:
        """Its hosts that do their work in this role."""
        return tuple(host for host in self.hosts if host.in_service_in(self.name))

    def keys(self) -> tuple[str, ...]:
        """The properties that any of its sections sets, in order of first mention."""
        return tuple(dict.fromkeys(key for section in self.sections for key in section.properties))

    def property(self, key: str, site: str | None = None) -> Value | None:
        """The role's value for `key`, or None when nothing sets it.

        With a site: that site's value, else the one for all sites, else the parent role's. Without: the
        one value, or where sites differ the values of all sites in order.
        """
        if site is not None:
            for wanted in (site, None):
                for section in self.sections:
                    if section.site == wanted and key in section.properties:
                        return section.properties[key]
        else:
            values = list(dict.fromkeys(s.properties[key] for s in self.sections if key in s.properties))
            if len(values) == 1:
                return values[0]
            if values:
                parts = [value if isinstance(value, tuple) else (value,) for value in values]
                return tuple(dict.fromkeys(item for part in parts for item in part))
        return self.parent.property(key, site) if self.parent is not None else None

    def for_all_sites(self, key: str) -> Value | None:
        """The value for `key` on behalf of no site: what the role, or its parent, says for all sites; or None."""
        ancestor: Role | None = self
        while ancestor is not None:
            for section in ancestor.sections:
                if section.site is None and key in section.properties:
                    return section.properties[key]
            ancestor = ancestor.parent
        return None


def sites_of(hosts: Iterable[Host], roles: Iterable[Role]) -> tuple[str, ...]:
    """The sites in which hosts or role headers stand, in order of first mention."""
    named = [host.site for host in hosts]
    named += [section.site for role in roles for section in role.sections]
    return tuple(dict.fromkeys(site for site in named if site is not None))
