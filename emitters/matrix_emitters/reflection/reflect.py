"""`reflect`: one entry of one Fleet, as texts for hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.reflector import reflector
from matrix_emitters.reflection.model.restricted_values import restricted_findings
from matrix_emitters.reflection.model.result import Finding, Reflected
from matrix_emitters.reflection.model.scene import Scene, Stage
from matrix_emitters.reflection.own.template import render_own
from matrix_grammar import Fleet
from matrix_grammar.model import Host

NO_TEMPLATES: Mapping[str, str] = MappingProxyType({})


def reflect(
    fleet: Fleet,
    generation: int,
    entry: Configuration,
    templates: Mapping[str, str] = NO_TEMPLATES,
    only: Iterable[str] | None = None,
) -> tuple[Reflected, ...]:
    """The texts of an entry, each with the hosts that are to have it; with `only` those of the named hosts alone.

    `templates` are the own templates by file name. The same arguments give the same bytes. Raises EmitterError: of an
    own template with its name and line, and the fact of the MATRIX that was missing; of a built-in with the host.
    """
    stage = Stage(fleet, generation, entry)
    wanted = None if only is None else {fleet.host(name).name for name in only}
    hosts = [host for host in stage.hosts if wanted is None or host.name in wanted]
    if not entry.each:
        content, findings = _made(Scene(stage), templates)
        return (Reflected(entry, tuple(host.name for host in hosts), content, findings),) if hosts else ()
    made: dict[tuple[bytes, tuple[Finding, ...]], list[str]] = {}
    for host in hosts:
        made.setdefault(_made(Scene(stage, host), templates), []).append(host.name)
    return tuple(Reflected(entry, tuple(names), content, found) for (content, found), names in made.items())


def _made(scene: Scene, templates: Mapping[str, str]) -> tuple[bytes, tuple[Finding, ...]]:
    """A text with its header, and what our own checks say of it."""
    if scene.entry.own:
        text, findings = render_own(scene, templates), []
    else:
        built_in = reflector(scene.entry.template)
        try:
            text = built_in.text(scene)
        except EmitterError as error:
            raise EmitterError(f"{_whose(scene.host)}{error}") from error
        findings = list(built_in.findings(scene, text))
        if built_in.comment:
            text = f"{built_in.comment} {scene.header}\n{text}"
    findings += restricted_findings(scene.fleet, scene.entry)
    if not text.strip():
        findings.insert(0, Finding("error", "the text is empty", "a template that prints nothing is not installed"))
    return text.encode(), tuple(findings)


def _whose(host: Host | None) -> str:
    return "" if host is None else f"{host.name}: "
