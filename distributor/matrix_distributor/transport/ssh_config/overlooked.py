"""Blocks of an ssh_config that a person may have meant for a host, and that are not for its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .file import ConfigFile
from .patterns import pattern_list_matches


def files_of(config: ConfigFile) -> Iterator[ConfigFile]:
    """A file, and those that it includes."""
    yield config
    for block in config.blocks:
        for part in block.content:
            if isinstance(part, ConfigFile):
                yield from files_of(part)


def overlooked(files: Iterable[ConfigFile], name: str, addresses: Iterable[str]) -> str:
    """Where a `Host` stands whose patterns match one of the addresses and not the name, and which; or nothing.

    Patterns are compared with what is typed (ssh_config(5)): here that is the name of a host in the MATRIX.
    """
    wanted = [address.lower() for address in addresses if address.lower() != name.lower()]
    for config in files:
        for address in wanted:
            for block in config.blocks_of(address):
                hosts = block.hosts
                if hosts is None or not block.content or not pattern_list_matches(hosts, address):
                    continue
                if not pattern_list_matches(hosts, name.lower()):
                    return f"{block.where}: Host {' '.join(hosts)} matches {address} and not {name}"
    return ""
