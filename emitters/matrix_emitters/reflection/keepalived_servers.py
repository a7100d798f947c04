"""virtual_server blocks: from a service to what the template prints."""

from __future__ import annotations

from .keepalived_language import word
from .service import Service


def virtual_server(service: Service) -> dict[str, object]:
    """The values of one virtual_server block."""
    return {
        "address": word(service.address),
        "port": service.port,
        "members": [
            {"address": word(member.address), "port": member.port, "weight": member.weight}
            for member in service.members
        ],
    }
