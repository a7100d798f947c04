"""keepalived: virtual servers for all VIPs with their health checks, and VRRP between the load balancers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.scene import Scene
from matrix_emitters.writing.quoting import Name
from matrix_emitters.writing.templating import render

from .checks import check_text, members_with_traffic
from .language import KEEPALIVED, word
from .servers import uses_scripts, virtual_server
from .vrrp import Instance, instances


class Keepalived(Reflector):
    """Makes keepalived.conf for each load balancer (keepalived 2.0 and newer)."""

    defaults: ClassVar[Configuration] = Configuration(
        "keepalived",
        "keepalived",
        hosts="lv",
        path="/etc/keepalived/keepalived.conf",
        check="test -s %s && keepalived -t -f %s",
        apply="systemctl try-reload-or-restart keepalived",
        order=60,
    )
    options: ClassVar[Mapping[str, object]] = MappingProxyType({"include": "", "script_user": "root"})
    elsewhere: ClassVar[str] = (
        "test -s %s && unshare -rn sh -c '"
        'for i in $(sed -n "s/^    interface //p" "$1" | sort -u); do '
        'ip link add "$i" type bridge && ip link set "$i" up; done; '
        'keepalived -t -f "$1"\' sh %s'
    )

    def text(self, scene: Scene) -> str:
        """The whole file."""
        if scene.host is None:
            raise EmitterError("keepalived is made for each load balancer by itself; leave `each` true")
        vrrp = instances(scene.stage, scene.host)
        include, user = str(scene.entry.options["include"]), str(scene.entry.options["script_user"])
        context = {
            "router": word(scene.host.name),
            "script_user": word(user, "script_user") if any(map(uses_scripts, scene.services)) else None,
            "instances": [_instance(instance) for instance in vrrp],
            "groups": _sync_groups(vrrp),
            "servers": [virtual_server(service) for service in scene.services],
            "include": word(include, "include") if include else None,
        }
        return (
            render(KEEPALIVED, "keepalived.conf.j2", context, "matrix_emitters.reflection.kinds.keepalived").rstrip(
                "\n"
            )
            + "\n"
        )

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """What keepalived's own check does not see."""
        return check_text(scene, text)

    def burden(self, scene: Scene) -> int:
        """Its priorities in VRRP."""
        assert scene.host is not None
        return sum(instance.priority for instance in instances(scene.stage, scene.host))

    def serving(self, text: str) -> Mapping[str, frozenset[str]]:
        """Each virtual server and the addresses of its real servers whose weight is above 0."""
        return members_with_traffic(text)


def _instance(instance: Instance) -> dict[str, object]:
    def spelled(address: tuple[str, int]) -> object:
        return KEEPALIVED.trusted(f"{word(address[0])}/{address[1]}")

    return {
        "name": word(instance.name),
        "state": Name(instance.state),
        "interface": word(instance.interface),
        "vrid": instance.vrid,
        "priority": instance.priority,
        "preempt": instance.preempt,
        "advert": instance.advert,
        "source": word(instance.source) if instance.source else None,
        "peers": [word(peer) for peer in instance.peers],
        "advertised": word(instance.advertised),
        "family": instance.family,
        "addresses": [spelled(address) for address in instance.addresses],
    }


def _sync_groups(vrrp: tuple[Instance, ...]) -> list[dict[str, object]]:
    """Instances of one VRID, where there is more than one: keepalived calls a group of one a mistake."""
    by_vrid: dict[int, list[object]] = {}
    for instance in vrrp:
        by_vrid.setdefault(instance.vrid, []).append(word(instance.name))
    return [{"name": Name(f"vrid{vrid}"), "members": names} for vrid, names in by_vrid.items() if len(names) > 1]
