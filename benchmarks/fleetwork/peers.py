"""How each tool is called on the same hosts: ours, and its peers, two of which get an environment of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from site_of_hosts import REPOSITORY, Site

CLUSH = str(Path(sys.executable).with_name("clush"))
ASYNCSSH = """
import asyncio, asyncssh, sys
known, key, names, copy = sys.argv[1:]
async def one(slots, address):
    async with slots, asyncssh.connect(
        address, 2222, username="root", client_keys=[asyncssh.read_private_key(key)], known_hosts=known,
        agent_path=None, kex_algs=["curve25519-sha256"], config=None,
    ) as connection:
        if copy:
            line = "cat >/etc/bench.new && mv /etc/bench.new /etc/bench"
            await connection.run(line, input=open(copy, "rb").read(), encoding=None, check=True)
        else:
            await connection.run("true", check=True)
async def main():
    slots = asyncio.Semaphore(32)
    await asyncio.gather(*(one(slots, address) for address in names.split(",")))
asyncio.run(main())
"""


class Peers:
    """Command lines on the hosts of a site. Files are brought to /etc/bench."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._forced = site.hosts.ssh_config
        self._plain = site.folder / "plain_config"
        """As OpenSSH is installed: with the key exchange that it likes best, which costs 70 ms of CPU."""
        lines = self._forced.read_text().splitlines(keepends=True)
        self._plain.write_text("".join(line for line in lines if "KexAlgorithms" not in line))
        self._folder = REPOSITORY / "build/peers"

    def clush(self, *words: str, plain: bool = False) -> list[str]:
        listed = ",".join(self._site.names)
        return [CLUSH, "-S", "-f", "64", "-o", f"-F {self._plain if plain else self._forced}", "-w", listed, *words]

    def clush_copy(self, *, plain: bool = False) -> list[str]:
        return self.clush("--copy", str(self._site.file), "--dest", "/etc/bench", plain=plain)

    def asyncssh(self, copy: str = "") -> list[str]:
        hosts = self._site.hosts
        listed = ",".join(hosts.address(name) for name in self._site.names)
        return [sys.executable, "-c", ASYNCSSH, str(hosts.known_hosts), str(hosts.identity), listed, copy]

    def ssh_loop(self, command: str) -> list[str]:
        """One process a host, 64 at a time; `CONFIG` and `H` in the command are ssh's configuration and the host."""
        line = command.replace("CONFIG", str(self._forced))
        return ["sh", "-c", f"printf '%s\\n' {' '.join(self._site.names)} | xargs -P 64 -I H {line}"]

    def pyinfra(self, *operation: str) -> list[str]:
        hosts = self._site.hosts
        common = {
            "ssh_user": "root", "ssh_port": 2222, "ssh_key": str(hosts.identity), "ssh_forward_agent": False,
            "ssh_known_hosts_file": str(hosts.known_hosts), "ssh_strict_host_key_checking": "yes",
        }  # fmt: skip
        listed = [(name, common | {"ssh_hostname": hosts.address(name)}) for name in self._site.names]
        inventory = self._site.folder / "pyinfra_inventory.py"
        inventory.write_text(f"hosts = {listed!r}\n")
        return [self._own("pyinfra"), "-y", str(inventory), *operation]

    def ansible(self, *operation: str) -> list[str]:
        lines = [f"{n} ansible_host={self._site.hosts.address(n)} ansible_port=2222" for n in self._site.names]
        variables = f"[all:vars]\nansible_user=root\nansible_python_interpreter={_host_python()}\n"
        inventory = self._site.folder / "ansible_inventory"
        inventory.write_text("\n".join(lines) + "\n" + variables)
        settings = self._site.folder / "ansible.cfg"
        settings.write_text(
            f"[defaults]\nforks=50\n[ssh_connection]\npipelining=True\nssh_args=-F {self._forced} -o ControlMaster=no\n"
        )
        self._site.environment["ANSIBLE_CONFIG"] = str(settings)
        return [self._own("ansible"), "all", "-i", str(inventory), *operation]

    def _own(self, program: str) -> str:
        """A program of the peers' own environment, which is made once (see peers.txt)."""
        path = self._folder / "bin" / program
        if not path.exists():
            print(f"making {self._folder} from peers.txt (once)", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", str(self._folder)], check=True)
            listed = str(Path(__file__).with_name("peers.txt"))
            subprocess.run([str(self._folder / "bin/pip"), "install", "-q", "-r", listed], check=True)
        return str(path)


def _host_python() -> str:
    """A Python that hosts see as well: they have a /root of their own."""
    for path in ("/usr/bin/python3", "/usr/local/bin/python3"):
        done = subprocess.run(
            [path, "-c", "import json, sys; print(json.dumps(sys.prefix))"], capture_output=True, check=False
        )
        if done.returncode == 0 and not str(json.loads(done.stdout)).startswith("/root"):
            return path
    raise SystemExit("Ansible's modules need a Python that lies outside /root: apt-get install python3")
