"""`prometheus`: what Prometheus is to scrape (`file_sd_configs`): YAML, or JSON where the path ends in `.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from matrix_common.addresses import endpoint
from matrix_common.words import did_you_mean, nearest
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.service import whole
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.templating import render
from matrix_grammar.model import Host, Value, binding_name, text, texts

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

PORT, PATH, SCHEME, JOB = "metrics.port", "metrics.path", "metrics.scheme", "metrics.job"

_OUR_LABELS = frozenset({"host", "site", "rack", "state", "roles", "instance", "job"})

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""What JSON may hold as it is, but YAML 1.1 not, or not without taking it for the end of a line."""


def _spell(value: object) -> str:
    """JSON that is YAML as well (YAML 1.2, section 1.3), on one line."""
    spelled = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", spelled)


FILE_SD = Language("file_sd", _spell)

Group = Mapping[str, object]
"""What file_sd calls a target group: `targets` and their `labels`."""


def parse_file_sd(text: str) -> tuple[Group, ...]:
    """The target groups of a text of ours, YAML or JSON. Raises EmitterError."""
    try:
        if text.startswith("["):
            groups = json.loads(text)
        else:
            groups = [json.loads(line.removeprefix("- ")) for line in text.split("\n") if line and line[0] != "#"]
    except ValueError as error:
        raise EmitterError(f"file_sd: cannot be read: {error}") from error
    return tuple(group for group in groups if group["targets"])


class Prometheus(Reflector):
    """A target group for each host and port: hosts in service with a `metrics.port`, with what they are as labels."""

    defaults: ClassVar[Configuration] = Configuration(
        "prometheus", "prometheus", "prometheus", "/etc/prometheus/file_sd/matrix.yml", each=False, check="test -s %s"
    )
    options: ClassVar[Mapping[str, object]] = MappingProxyType({"labels": []})
    comment: ClassVar[str] = ""  # JSON has none: the header is written here

    def text(self, scene: Scene) -> str:
        """The file."""
        groups = [FILE_SD.literal(group) for group in _groups(scene)]
        form = "json" if scene.entry.path.endswith(".json") else "yml"
        header = FILE_SD.trusted(scene.header)
        return render(
            FILE_SD,
            f"prometheus.{form}.j2",
            {"groups": groups, "header": header},
            "matrix_emitters.reflection.kinds.prometheus",
        )

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """A text without a target, one that says something else than the MATRIX, targets given twice."""
        groups = parse_file_sd(text)
        if not groups:
            yield Finding(
                "error", f"no host in service has {PORT}", f"give it to roles, hosts or with @default: {PORT}=9100"
            )
        if list(groups) != list(_groups(scene)):
            yield Finding("error", "the target groups of the text are not those of the MATRIX")


def _groups(scene: Scene) -> Iterator[Group]:
    extra = _label_keys(scene)
    for host in scene.fleet:
        if host.in_service:
            for address, labels in _targets(host):
                yield {"targets": [address], "labels": {**_labels(host, extra), **labels}}


def _targets(host: Host) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The host's targets, each with the labels of its own: from the host itself, then from the roles it serves in."""
    seen = set()
    roles = [membership.role for membership in host.memberships if host.in_service_in(membership.role)]
    for role in (None, *roles):
        ports = host.property(PORT, role)
        for port in () if ports is None else _numbers(ports, f"host {host.name}: {PORT}"):
            if port not in seen:
                seen.add(port)
                instance = {"instance": f"{host.name}:{port}"}
                yield endpoint(host.address, port), {**instance, **_scraping(host, role)}


def _numbers(value: Value, where: str) -> tuple[int, ...]:
    return tuple(whole(one, where, 1, 65535) for one in (value if isinstance(value, tuple) else (value,)))


def _scraping(host: Host, role: str | None) -> dict[str, str]:
    """The labels that tell Prometheus how to scrape; what it does anyway is not written."""
    found = {}
    for label, key in (("job", JOB), ("__metrics_path__", PATH), ("__scheme__", SCHEME)):
        value = host.property(key, role)
        if value is not None:
            found[label] = ",".join(texts(value))
    if found.get("__scheme__", "http") not in ("http", "https"):
        raise EmitterError(f"host {host.name}: {SCHEME} is {found['__scheme__']!r}, neither http nor https")
    if not found.get("__metrics_path__", "/").startswith("/"):
        raise EmitterError(f"host {host.name}: {PATH} is {found['__metrics_path__']!r}; it starts with /")
    return found


def _labels(host: Host, extra: Sequence[str]) -> dict[str, str]:
    """What a host is; several values are joined as `,ps,cache,`, so that `.*,ps,.*` finds one."""
    found = {"host": host.name, "site": host.site, "rack": host.rack, "state": host.state and host.state.name}
    labels = {key: value for key, value in found.items() if value}
    if host.roles:
        labels["roles"] = f",{','.join(host.roles)},"
    for key in extra:
        value = host.property(key)
        if isinstance(value, tuple):
            labels[_label(key)] = f",{','.join(texts(value))},"
        elif value is not None:
            labels[_label(key)] = text(value)
    return labels


def _label(key: str) -> str:
    return binding_name(key).lower()


def _label_keys(scene: Scene) -> tuple[str, ...]:
    """The properties that matrix.toml makes labels. Raises EmitterError for one that nobody has."""
    where, keys = f"reflect.{scene.entry.name}.labels", scene.entry.lines("labels")
    known = set(scene.fleet.property_types)
    for host in scene.fleet:
        known.update(host.properties, host.defaults)
    for key in keys:
        if key not in known:
            cure = did_you_mean(nearest(key, known)[:1])
            raise EmitterError(f"{where}: no host has a property {key}" + (f"; {cure}" if cure else ""))
        if _label(key) in _OUR_LABELS:
            raise EmitterError(f"{where}: {key} would hide the label {_label(key)} that every target has")
    return keys
