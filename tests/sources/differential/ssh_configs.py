"""Random ssh_configs, and each difference between what `ssh -G` says and what the draft does, but for what is told.

The same number gives the same text.
"""

import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from matrix_grammar.model import Host, texts
from matrix_grammar.reading import loads
from matrix_sources.registry import draft

NAMES = ("web1", "web2", "web3", "db", "gate", "a.example.jp", "b.example.jp")
PATTERNS = ("*", "web*", "!web2", "*.example.jp", "w?b1", "!*.jp")
TARGETS = (
    "10.0.0.1", "10.0.0.2", "127.0.0.1", "gw.example.net", "%h.example.net", "web1", "2001:db8::1", "2001:DB8:0::1",
)  # fmt: skip
USERS = ("ann", '"bob"', "'cyd'", "d\\ e", '"CORP\\\\adm"', "x#y", 'f"g"h')
PORTS = ("22", "2222", "0022", "8022")
OTHERS = ("IdentityFile ~/.ssh/k", "ServerAliveInterval 5", "ForwardAgent no")
ENDS = ("", "", "", "  # why", " ", "\t#x")


def make(number: int) -> str:
    """An ssh_config that ssh takes."""
    choose = random.Random(number)
    lines = [setting(choose) for _ in range(choose.choice((0, 0, 0, 1)))]
    for _ in range(choose.randrange(1, 8)):
        words = choose.sample(NAMES, choose.choice((1, 1, 1, 2, 3)))
        words += choose.sample(PATTERNS, choose.choice((0, 0, 1, 2)))
        words += [f"!{word}" for word in words[:1] if choose.random() < 0.05 and word[0] not in "!"]
        choose.shuffle(words)
        words = [f'"{word}"' if choose.random() < 0.1 else word for word in words]
        head = choose.choice(("Host ", "host ", "HOST\t", "Host=", "Host = "))
        lines.append("Match all" if choose.random() < 0.05 else head + " ".join(words) + choose.choice(ENDS))
        lines += ["  " + setting(choose) for _ in range(choose.randrange(4))]
    return "\n".join(lines) + "\n"


def setting(choose: random.Random) -> str:
    """A line of a block."""
    keyword, values = choose.choice(
        (("HostName", TARGETS), ("User", USERS), ("Port", PORTS), ("ProxyJump", ("gate", "none", "db")), ("", OTHERS))
    )
    if not keyword:
        return choose.choice(values)
    between = choose.choice((" ", "  ", "=", " = ", "\t"))
    return choose.choice((keyword, keyword.lower())) + between + choose.choice(values) + choose.choice(ENDS)


def differences(text: str, path: Path) -> Iterator[str]:
    """Every difference that the draft does not tell; `path` is where the text goes for ssh."""
    path.write_text(text)
    made = draft("ssh_config", text, "FILE")
    told = [left.text for left in made.leftovers]
    fleet = loads(made.text)
    hosts = {name.lower(): host for host in fleet for name in (*texts(host.property("alias") or ()), host.name)}
    lines = [line for line in text.lower().splitlines() if re.match(r"host[\s=]", line)]
    for name in NAMES:
        if not any(re.search(rf'[\s"=]{re.escape(name.lower())}(?![\w.])', line) for line in lines):
            continue
        said = subprocess.run(["ssh", "-G", "-F", str(path), "--", name], capture_output=True, text=True, timeout=20)
        if said.returncode:
            assert "jumphost loop" in said.stderr, said.stderr
            continue
        wanted = dict(line.partition(" ")[::2] for line in said.stdout.splitlines())
        host = hosts.get(name.lower())
        if host is None:
            if name not in told:
                yield f"{name} is no host and is not told"
        elif name not in told or name.lower() != host.name.lower():
            yield from _of_name(name, host, wanted, told, hosts)


def _of_name(name: str, host: Host, wanted: dict[str, str], told: list[str], hosts: dict[str, Host]) -> Iterator[str]:
    """The differences of one name, which is the host's or a further one."""
    names = (name, host.name, *texts(host.property("alias") or ()))

    def is_told(word: str) -> bool:
        return any(each.startswith(tuple(f"{each_name}: {word}" for each_name in names)) for each in told)

    target = wanted["hostname"].lower()
    if target != (host.address or host.name).lower() and not (target == host.name.lower() or is_told("HostName")):
        yield f"{name}: {host.name} {host.address}, not {target}"
    for word, key, default in (
        ("User", "ssh.user", "root"),
        ("Port", "ssh.port", "22"),
        ("ProxyJump", "ssh.jump", "none"),
    ):
        mine, other = texts(host.property(key) or default)[0], wanted.get(word.lower(), "none")
        if word == "ProxyJump" and other.lower() in hosts:
            other = hosts[other.lower()].name
        if mine != other and not is_told(word) and name not in told:
            yield f"{name}: {key}={mine}, not {other}"
