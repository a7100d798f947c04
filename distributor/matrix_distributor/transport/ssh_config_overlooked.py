"""Blocks of an ssh_config that a person may have meant for a host, and that are not for its name."""

from __future__ import annotations

from collections.abc import Iterable

from .patterns import pattern_list_matches
from .ssh_config_file import ConfigFile


def overlooked(config: ConfigFile, name: str, addresses: Iterable[str]) -> str:
    """Where a `Host` stands whose patterns match one of the addresses and not the name, and which; or nothing.

    Patterns are compared with what is typed (ssh_config(5)): here that is the name of a host in the MATRIX.
    """
    wanted = [address for address in addresses if address.lower() != name.lower()]
    for block in config.blocks:
        if block.hosts is not None and block.content and not pattern_list_matches(block.hosts, name.lower()):
            for address in wanted:
                if pattern_list_matches(block.hosts, address.lower()):
                    return f"{block.where}: Host {' '.join(block.hosts)} matches {address} and not {name}"
        for part in block.content:
            if isinstance(part, ConfigFile) and (found := overlooked(part, name, wanted)):
                return found
    return ""
