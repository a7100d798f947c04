"""What a template sees: the Fleet on behalf of one host, or of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from matrix_emitters.errors import EmitterError, in_words
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.model import Host

from .entry import Configuration
from .result import header
from .service import Service
from .services import services_of


@dataclass(frozen=True)
class Stage:
    """What the scenes of all hosts share: worked out once for a Fleet and an entry."""

    fleet: Fleet
    generation: int
    entry: Configuration

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """All services of the Fleet."""
        return services_of(self.fleet)

    @cached_property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts that the entry is for, in the order of the MATRIX. Raises EmitterError for an unknown name."""
        try:
            return tuple(self.fleet.select(self.entry.hosts))
        except SelectorError as error:
            raise EmitterError(
                f"reflect.{self.entry.name}.hosts is {self.entry.hosts!r}: {in_words(error)}; "
                f"[reflect.{self.entry.name}] in matrix.toml says for which hosts it is"
            ) from error

    @cached_property
    def balancers(self) -> Mapping[str, frozenset[str]]:
        """The hosts that each value of `balancer` selects, by their names."""
        found = {}
        for service in self.services:
            selector = service.text("balancer")
            if selector and selector not in found:
                try:
                    found[selector] = frozenset(host.name for host in self.fleet.select(selector))
                except SelectorError as error:
                    raise EmitterError(f"{service.where}: balancer is {selector!r}: {in_words(error)}") from error
        return found

    def services_for(self, host: Host) -> tuple[Service, ...]:
        """Those whose `balancer` selects the host; without a `balancer` those of its site and those of all sites.

        A host that stands in no site has to do with those of every site.
        """
        chosen = []
        for service in self.services:
            selector = service.text("balancer")
            if selector:
                mine = host.name in self.balancers[selector]
            else:
                mine = service.site is None or host.site is None or service.site == host.site
            if mine:
                chosen.append(service)
        return tuple(chosen)


@dataclass(frozen=True)
class Scene:
    """The small view from which a text is made. `host` is None where one text is for all hosts of the entry."""

    stage: Stage
    host: Host | None = None

    @property
    def fleet(self) -> Fleet:
        """The Fleet."""
        return self.stage.fleet

    @property
    def entry(self) -> Configuration:
        """The entry that is made."""
        return self.stage.entry

    @property
    def generation(self) -> int:
        """The generation's number."""
        return self.stage.generation

    @property
    def digest(self) -> str:
        """The digest of the Fleet's facts, in hex."""
        return self.stage.fleet.digest

    @property
    def header(self) -> str:
        """The header line without the sign of a comment."""
        return header(self.entry, self.generation, self.digest)

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts that the entry is for, in the order of the MATRIX."""
        return self.stage.hosts

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The services that this host has to do with; without a host all of them."""
        return self.stage.services if self.host is None else self.stage.services_for(self.host)
