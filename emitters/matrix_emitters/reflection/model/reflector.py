"""A reflector makes one kind of configuration; the registry knows them all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.plugins import BuiltIn, instance, offered

from .allowed import Allowed
from .entry import NO_ENTRIES, Configuration, entry_of
from .result import Finding

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from .scene import Scene

NOTHING: Final = Allowed()
"""Nothing is allowed where matrix.toml says nothing."""

REFLECTORS: Final = "matrix_reflectors"
"""The entry point group in which a package offers a further reflector: `name = "package.module:Class"`."""

BUILT_IN_REFLECTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "keepalived": "matrix_emitters.reflection.kinds.keepalived.reflector:Keepalived",
        "hosts": "matrix_emitters.reflection.kinds.hosts.reflector:Hosts",
        "ssh_config": "matrix_emitters.reflection.kinds.ssh.ssh_config:SshConfig",
        "known_hosts": "matrix_emitters.reflection.kinds.ssh.known_hosts:KnownHosts",
        "prometheus": "matrix_emitters.reflection.kinds.prometheus.reflector:Prometheus",
        "zone": "matrix_emitters.reflection.kinds.zone.reflector:Zone",
        "nginx": "matrix_emitters.reflection.kinds.nginx.reflector:Nginx",
        "httpd": "matrix_emitters.reflection.kinds.httpd.reflector:Httpd",
        "haproxy": "matrix_emitters.reflection.kinds.haproxy.reflector:Haproxy",
    }
)
"""The reflectors of this package. They are registered in the same way as those of others."""


class Reflector(ABC):
    """Makes one kind of configuration from a Fleet. A class without arguments; an instance holds no state.

    `text` must be pure: no clock, no disk, no environment; equal scenes give equal text.
    """

    defaults: ClassVar[Configuration]
    """What holds where matrix.toml says nothing; its `name` and `template` are the built-in's name."""

    options: ClassVar[Mapping[str, object]] = MappingProxyType({})
    """Settings that this reflector alone knows, with their defaults, which also say their types."""

    comment: ClassVar[str] = "#"
    """How a comment starts in this format; empty where it has none (then there is no header line)."""

    elsewhere: ClassVar[str] = ""
    """The line that checks a staged copy on another machine than its own, where `check` needs what only the host has
    (its interfaces). `%s` is the staged file; empty: the entry's `check` serves."""

    @abstractmethod
    def text(self, scene: Scene) -> str:
        """The configuration, without its header line. Raises EmitterError, also for what cannot be quoted safely."""

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """What our own checks say of this text, found by reading the text back."""
        return ()

    def burden(self, scene: Scene) -> int:
        """How much of the site this host carries: who carries more is applied later, so backups before masters."""
        return burden_of(scene)

    def serving(self, text: str) -> Mapping[str, frozenset[str]]:
        """Each service of a text (a VIP with its port) and the members that get traffic there.

        For `removals`: it is asked of generated texts and of those found on hosts, however they were written. Raises
        EmitterError for a text that cannot be read. Empty for a kind of configuration without services.
        """
        return {}


def burden_of(scene: Scene) -> int:
    """1 for a host in a role `….master`, else 0."""
    return int(scene.host is not None and any(role.endswith(".master") for role in scene.host.roles))


@cache
def reflectors() -> Mapping[str, BuiltIn | EntryPoint]:
    """Every reflector by name: the built-in ones, then those of installed packages, by name.

    Raises EmitterError when two packages offer the same name, or one offers a name that no entry may have.
    """
    found = offered(REFLECTORS, BUILT_IN_REFLECTORS, "reflector")
    for name in NO_ENTRIES:
        if name in found:
            raise EmitterError(f"no reflector can be called {name} ({found[name].value}): it is a setting of its own")
    return found


def reflector(name: str) -> Reflector:
    """The reflector of that name. Raises EmitterError when there is none, or it cannot be loaded."""
    hint = "; an own template is a file that ends in .j2"
    return instance(name, reflectors(), Reflector, "reflector", hint)  # type: ignore[type-abstract]


def entries(tables: Mapping[str, object], allowed: Allowed = NOTHING) -> tuple[Configuration, ...]:
    """All entries, in the order in which they are applied: the tables of `[reflect]`, and every built-in without one.

    `allowed` is what the text may name in them. The files that they make are added to what it has a say in.

    `tables` is matrix.toml's `[reflect]`; its settings that are no entries (`templates`, `pause`, `probe`, `limit`) are
    passed over. Raises EmitterError that names the key that is wrong, also when two tables make one file of the same
    hosts.
    """
    made: dict[str, Configuration] = {}
    placed: dict[tuple[str, str], str] = {}
    for name, table in tables.items():
        if name in NO_ENTRIES:
            continue
        if not isinstance(table, Mapping):
            raise EmitterError(f"reflect.{name}: {table!r} is not a table of settings, [reflect.{name}]")
        made[name] = _entry(name, table)
        other = placed.setdefault((made[name].hosts, made[name].path), name)
        if other != name:
            raise EmitterError(f"reflect.{other} and reflect.{name} both make {made[name].path}; give one another path")
    for name in reflectors():
        if name not in made:
            made[name] = _entry(name, {})
    reached = (*allowed.reached, *(entry.path for entry in made.values()))
    allowed = replace(allowed, reached=tuple(dict.fromkeys(reached)))
    found = (replace(entry, allowed=allowed) for entry in made.values())
    return tuple(sorted(found, key=lambda entry: (entry.order, entry.name)))


def _entry(name: str, table: Mapping[str, object]) -> Configuration:
    template = table.get("template", name)
    if not isinstance(template, str):
        raise EmitterError(f"reflect.{name}.template: {template!r} is not text")
    if template.endswith(".j2"):
        return entry_of(name, table, None, {})
    try:
        made = reflector(template)
    except EmitterError as error:
        raise EmitterError(f"reflect.{name}: {error}") from error
    return entry_of(name, table, made.defaults, made.options)
