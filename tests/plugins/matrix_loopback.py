"""No test sends anything beyond this machine: a connection to any other address fails the test that makes it."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578); it sees every connection of the test process, whatever library makes it."""
    if event != "socket.connect":
        return
    connecting, address = arguments
    if connecting.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
        try:
            local = ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
        except ValueError:
            local = address[0] == "localhost"
        if not local:
            raise AssertionError(f"a test may not connect to {address[0]}: loopback only")


sys.addaudithook(refuse)
