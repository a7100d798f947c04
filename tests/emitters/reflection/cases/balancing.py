"""keepalived.conf in tests: the real checker, and the text read back."""

from __future__ import annotations

import subprocess
from pathlib import Path

from matrix_parts import require
from reflecting import made, run

from matrix_emitters.reflection.model import Reflected, reflector
from matrix_sources.keepalived import KeepalivedStatement, parse_keepalived

PAIR = """
[lv] "load balancers" vrid=10 dev=vlan77
    lv1 10.6.0.11 2001:db8:6::11 [lv.master]
    lv2 10.6.0.12 2001:db8:6::12 [lv.backup]
"""
"""Two load balancers; a test adds what they balance."""


def balanced(text: str, **table: object) -> Reflected:
    """The text of the first of the two load balancers, with what they balance."""
    return made("keepalived", PAIR + text, **table)[0]


def keepalived_says(reflected: Reflected, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the real keepalived says of a text, on a machine that has the text's interfaces."""
    require("keepalived", "unshare", "ip")
    staged = folder / "staged.conf"
    staged.write_bytes(reflected.content)
    return run("sh", "-c", reflector("keepalived").elsewhere.replace("%s", str(staged)))


def server(reflected: Reflected, address: str, port: int = 80) -> KeepalivedStatement:
    """The one virtual_server of that address and port."""
    parsed = parse_keepalived(reflected.content.decode())
    assert not parsed.leftovers
    (found,) = (one for one in parsed.each("virtual_server") if one.arguments == (address, str(port)))
    return found


def instances(reflected: Reflected) -> dict[str, KeepalivedStatement]:
    """The VRRP instances by name."""
    return {one.arguments[0]: one for one in parse_keepalived(reflected.content.decode()).each("vrrp_instance")}


def value(block: KeepalivedStatement, *path: str) -> str:
    """The arguments of the only statement at a path of keywords, as one text; '' when there is none."""
    for keyword in path:
        found = block.each(keyword)
        assert len(found) <= 1, (keyword, found)
        if not found:
            return ""
        block = found[0]
    return " ".join(block.arguments)


def members(block: KeepalivedStatement) -> dict[str, KeepalivedStatement]:
    """The real servers of a virtual server, as `address port`."""
    return {" ".join(one.arguments): one for one in block.each("real_server")}


def words(block: KeepalivedStatement, keyword: str) -> list[str]:
    """The lines of a list such as virtual_ipaddress."""
    return [" ".join(line.words) for held in block.each(keyword) for line in held.block or ()]
