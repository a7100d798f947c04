"""Random genders files, and where what `nodeattr` says differs from what the draft does, but for what is told."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from matrix_grammar.model import texts
from matrix_grammar.reading import loads
from matrix_sources.registry import draft

NODES = ("n[1-4]", "n2", "lv[01-03]", "head", "n[1-2],head", "x9")
ATTRIBUTES = ("web", "db", "cores=8", "cores=16", "self=%n", "note=a%%b", "os=deb")


def make(number: int) -> str:
    """A genders file that nodeattr takes."""
    choose = random.Random(number)
    lines, held = [], set()
    for _ in range(choose.randrange(1, 7)):
        nodes = choose.choice(NODES)
        attributes = choose.sample(ATTRIBUTES, choose.randrange(4))
        names = [each.partition("=")[0] for each in attributes]
        pairs = {(node, name) for node in _expanded(nodes) for name in names}
        if len(set(names)) == len(names) and not pairs & held:
            held |= pairs
            lines.append(f"{nodes}\t{','.join(attributes)}" + choose.choice(("", "  # why")))
    return "\n".join(lines) + "\n"


def _expanded(nodes: str) -> list[str]:
    found = {"n[1-4]": "n1 n2 n3 n4", "lv[01-03]": "lv01 lv02 lv03", "n[1-2],head": "n1 n2 head"}
    return found.get(nodes, nodes).split()


def differences(text: str, path: Path) -> Iterator[str]:
    """Every difference that the draft does not tell; `path` is where the text goes for nodeattr."""
    path.write_text(text)
    fleet = loads(draft("genders", text, "FILE").text)

    def said(*arguments: str) -> set[str]:
        asked = ["nodeattr", "-f", str(path), *arguments]
        return set(subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20).stdout.split())

    nodes = said("-s", "-A") if text.strip() else set()
    if {host.name for host in fleet} != nodes:
        yield f"nodes: {sorted(host.name for host in fleet)}, not {sorted(nodes)}"
        return
    for host in fleet:
        pairs = {f"{key.removeprefix('genders.')}={texts(value)[0]}" for key, value in host.properties.items()}
        if {*host.roles, *pairs} != (told := said("-l", host.name)):
            yield f"{host.name}: {sorted({*host.roles, *pairs})}, not {sorted(told)}"
