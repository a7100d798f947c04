"""keepalived: virtual servers of all VIPs, and VRRP between the load balancers."""

from __future__ import annotations

from typing import ClassVar

from ..environment import render
from .entry import Entry
from .keepalived_language import KEEPALIVED
from .keepalived_servers import virtual_server
from .reflector import Reflector
from .scene import Scene


class Keepalived(Reflector):
    """Makes keepalived.conf for the load balancers."""

    language = KEEPALIVED
    defaults: ClassVar[Entry] = Entry(
        "keepalived",
        "keepalived",
        hosts="lv",
        path="/etc/keepalived/keepalived.conf",
        check="test -s %s && keepalived -t -f %s",
        apply="systemctl try-reload-or-restart keepalived",
        order=60,
    )

    def text(self, scene: Scene) -> str:
        """The whole file."""
        servers = [virtual_server(service) for service in scene.services]
        return render(KEEPALIVED, "reflection/keepalived.conf.j2", {"servers": servers})
