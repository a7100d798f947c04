"""The addresses of this machine, as the kernel knows them: of every interface and family, in this network namespace."""

from __future__ import annotations

import socket
from ipaddress import ip_address


def is_own_address(address: str) -> bool:
    """Whether this is an address of this machine: to reach it, the kernel would take that very address as the source.

    Nothing is sent. Loopback addresses say nothing, and names are none. Binding to it would tell less:
    `ip_nonlocal_bind`, usual on load balancers, lets any address be bound.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if ip.is_loopback:
        return False
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            source: str = probe.getsockname()[0]
    except OSError:
        return False
    return ip_address(source) == ip
