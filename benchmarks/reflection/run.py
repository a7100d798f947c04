"""A keepalived.conf of DSAS size: what generating and proving it costs, beside its peers, in one run.

    python benchmarks/reflection/run.py [--rounds 5]

40 VIPs, 400 real servers, two load balancers (dsas.py). CPU milliseconds of whole processes, start-up included, the
least of the rounds; contenders take turns. Beside it, so that the figures mean something: the same virtual servers from
the same facts by a bare Jinja template (no quoting, no checks, no VRRP: the floor of this way of doing it), the real
`keepalived -t` reading our text, and Python with both libraries loaded doing nothing. Then the parts, in one process.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = [str(REPOSITORY / package) for package in ("common", "grammar", "sources", "emitters")]
sys.path[:0] = [*PACKAGES, str(Path(__file__).parent), str(Path(__file__).parents[1])]

LOADED = "import jinja2, jinja2.sandbox, matrix_emitters, matrix_grammar"
OURS = """
import sys
from pathlib import Path
from matrix_emitters.reflection import allowed_of, entries, reflect
from matrix_grammar import load
allowed = allowed_of({"programs": ["/usr/local/bin/alive"]})
(entry,) = (one for one in entries({}, allowed) if one.name == "keepalived")
for one in reflect(load(sys.argv[1]), 7, entry):
    assert not one.findings
    Path(sys.argv[2] + one.hosts[0]).write_bytes(one.content)
"""
BARE = """
import json, sys
from pathlib import Path
import jinja2
TEMPLATE = '''{% for server in servers %}
virtual_server {{ server.address }} {{ server.port }} {
    lvs_sched {{ server.sched }}
    lvs_method DR
    protocol TCP
    delay_loop 10
    persistence_timeout 300
    sorry_server {{ server.sorry }}
{% for member in server.members %}
    real_server {{ member.address }} {{ server.port }} { # {{ member.name }}
        weight {{ member.weight }}
        HTTP_GET {
            url {
                path "/alive.html"
            }
            connect_timeout 3
            retry 2
            delay_before_retry 1
        }
    }
{% endfor %}
}
{% endfor %}
'''
servers = json.loads(Path(sys.argv[1]).read_text())
template = jinja2.Environment(trim_blocks=True).from_string(TEMPLATE)
for name in ("lv1", "lv2"):
    Path(sys.argv[2] + name).write_text(template.render(servers=servers))
"""


def cpu(command: list[str]) -> float:
    """CPU milliseconds of a process that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "PYTHONPATH": ":".join(PACKAGES)}, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command[:3]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def parts(text: str, rounds: int) -> dict[str, float]:
    """CPU milliseconds of each step for both load balancers, warm, the least of the rounds."""
    from matrix_emitters.reflection import removals
    from matrix_emitters.reflection.model import Scene, allowed_of, entries, reflector
    from matrix_emitters.reflection.model.scene import Stage
    from matrix_grammar.reading import loads

    allowed = allowed_of({"programs": ["/usr/local/bin/alive"]})
    (entry,) = (one for one in entries({}, allowed) if one.name == "keepalived")
    made, fleet = reflector("keepalived"), loads(text)
    stages: list[Callable[[], object]] = []

    def scenes() -> list[Scene]:
        stage = Stage(fleet, 7, entry)
        return [Scene(stage, host) for host in stage.hosts]

    texts = [made.text(scene) for scene in scenes()]
    stages = [
        lambda: loads(text),
        lambda: [made.text(scene) for scene in scenes()],
        lambda: [list(made.findings(scene, one)) for scene, one in zip(scenes(), texts, strict=True)],
        lambda: removals(entry, texts[0].encode(), texts[1].encode(), fleet),
    ]
    names = ("reading the MATRIX", "both texts", "our own checks of both texts", "looking for removals in one")
    return {name: min(_timed(step) for _ in range(rounds)) for name, step in zip(names, stages, strict=True)}


def _timed(step: Callable[[], object]) -> float:
    started = time.process_time()
    step()
    return 1000 * (time.process_time() - started)


def facts(text: str) -> str:
    """What the bare template prints, as JSON."""
    import json

    from matrix_emitters.reflection.model.services import services_of
    from matrix_grammar.reading import loads

    return json.dumps(
        [
            {
                "address": one.address, "port": one.port, "sched": one.text("sched"), "sorry": one.text("sorry"),
                "members": [{"address": m.address, "name": m.host.name, "weight": m.weight} for m in one.members],
            }
            for one in services_of(loads(text))
        ]
    )  # fmt: skip


def main() -> None:
    from dsas import dsas
    from needs import need

    from matrix_emitters.reflection.model import reflector

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    need("keepalived", "unshare")
    text = dsas()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "MATRIX").write_text(text)
        (folder / "facts.json").write_text(facts(text))
        ours, bare = f"{folder}/ours-", f"{folder}/bare-"
        contenders = {
            "matrix: read, both texts, own checks": [sys.executable, "-c", OURS, f"{folder}/MATRIX", ours],
            "bare Jinja, facts as JSON, no checks": [sys.executable, "-c", BARE, f"{folder}/facts.json", bare],
            "python, the libraries loaded": [sys.executable, "-c", LOADED],
        }
        cpu(contenders["matrix: read, both texts, own checks"])
        line = reflector("keepalived").elsewhere.replace("%s", f"{ours}lv1")
        contenders["keepalived -t of one text, in a namespace"] = ["sh", "-c", line]
        taken: dict[str, list[float]] = {contender: [] for contender in contenders}
        for _ in range(rounds):
            for contender, command in contenders.items():
                taken[contender].append(cpu(command))
        lines = len(Path(f"{ours}lv1").read_text().splitlines())
        print(f"keepalived.conf: 40 VIPs, 400 real servers, {lines} lines a load balancer; least of {rounds} rounds\n")
        print("CPU ms  whole process")
        for contender, values in sorted(taken.items(), key=lambda item: min(item[1])):
            print(f"{min(values):6.0f}  {contender}")
        print("\nCPU ms  parts of ours, warm")
        for part, value in parts(text, rounds).items():
            print(f"{value:6.1f}  {part}")


if __name__ == "__main__":
    main()
