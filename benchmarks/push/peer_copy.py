"""peer_copy.py LIBRARY FLEET FILE TARGET HOST…: one file to every host, by a peer that is a library."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

AT_ONCE = 64


def with_asyncssh(root: Path, file: Path, target: str, hosts: list[str]) -> None:
    """`cat` on the other side, which is the fastest way that asyncssh has."""
    import asyncssh

    content = file.read_bytes()

    async def one(name: str, gate: asyncio.Semaphore, key: asyncssh.SSHKey) -> None:
        options = {"config": [str(root / "ssh_config")], "client_keys": [key], "agent_path": None}
        async with gate, asyncssh.connect(name, **options) as host:
            await host.run(f"cat >{target}", input=content, encoding=None, check=True)

    async def everybody() -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        key = asyncssh.read_private_key(str(root / "id_ed25519"))
        await asyncio.gather(*(one(name, gate, key) for name in hosts))

    asyncio.run(everybody())


def addresses(root: Path, hosts: list[str]) -> list[str]:
    """Where the fleet's ssh_config says that the hosts are."""
    found, name = {}, ""
    for line in (root / "ssh_config").read_text().splitlines():
        words = line.split()
        if words[:1] == ["Host"]:
            name = words[1]
        elif words[:1] == ["HostName"]:
            found[name] = words[1]
    return [found[host] for host in hosts]


def with_parallel_ssh(root: Path, file: Path, target: str, hosts: list[str]) -> None:
    """It checks no host keys."""
    from gevent import joinall
    from pssh.clients import ParallelSSHClient

    client = ParallelSSHClient(
        addresses(root, hosts), user="root", port=2222, pkey=str(root / "id_ed25519"), pool_size=AT_ONCE
    )
    joinall(client.copy_file(str(file), target), raise_error=True)


def with_fabric(root: Path, file: Path, target: str, hosts: list[str]) -> None:
    """A thread for every host."""
    from fabric import Config, ThreadingGroup
    from paramiko import SSHConfig

    config = Config(ssh_config=SSHConfig.from_path(str(root / "ssh_config")))
    config.load_ssh_configs = False
    ThreadingGroup(*hosts, config=config, connect_kwargs={"allow_agent": False, "look_for_keys": False}).put(
        str(file), target
    )


if __name__ == "__main__":
    copy = {"asyncssh": with_asyncssh, "parallel-ssh": with_parallel_ssh, "fabric": with_fabric}[sys.argv[1]]
    copy(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5:])
