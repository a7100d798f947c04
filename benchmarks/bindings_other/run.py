"""What a program pays for a binding: CPU milliseconds beside its empty interpreter, medians, all in turn in one run.

usage: python benchmarks/bindings_other/run.py [RUNS [HOSTS …]]

Hosts stand in 5 of 20 roles each, with two properties of their own. php runs with opcache and its file cache, python
from a .pyc checked by content, as the installer leaves it. `serving` and `get` include the loading. `generating` is the
CPU of making a language's files from a Fleet; the records that languages share are counted with the first of them.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "grammar"), str(ROOT / "emitters")]

from needs import need  # noqa: E402

from matrix_emitters.bindings import Emitter, emitter  # noqa: E402
from matrix_emitters.view import BindingOptions, View  # noqa: E402
from matrix_grammar import Fleet  # noqa: E402
from matrix_grammar.reading import loads  # noqa: E402

LANGUAGES = ("perl", "php", "python", "ruby", "javascript", "json")


def matrix(hosts: int) -> str:
    """A MATRIX of that many hosts."""
    lines = ["@domain example.jp", "@property ipmi ip", "@default os=debian ssh.user=root", "@site tky1", "@rack A000"]
    lines += [f'[role{role:02d}] "role {role}" sched=wlc vip=203.0.113.{role}:80' for role in range(20)]
    lines.append("@rack A001")
    for host in range(hosts):
        tags = " ".join(f"[role{(host + 3 * turn) % 20:02d}]" for turn in range(5))
        tail = f"{host >> 8 & 255}.{host & 255}"
        stop = " [STOP: disk]" if host % 97 == 0 else ""
        lines.append(f"w{host:05d} 10.0.{tail} {tags} ipmi=10.9.{tail} weight={host % 50}{stop}")
    return "\n".join(lines) + "\n"


def commands(etc: Path) -> Mapping[str, Sequence[tuple[str, list[str]]]]:
    """For each language its empty run first, then what is measured beside it."""
    cache = etc / "opcache"
    cache.mkdir()
    php = ["php", *(f"-dopcache.{s}" for s in ("enable_cli=1", "file_cache_only=1", f"file_cache={cache}"))]
    php.append("-dopcache.file_update_protection=0")
    python = [sys.executable, "-I", "-S", "-c"]
    found = f"import sys; sys.path.append({str(etc)!r}); "
    fleet = f"require '{etc}/dsas.d/Fleet.php'; $f = DSAS\\Fleet::load();"
    return {
        "perl": [
            ("empty", ["perl", "-e", "1"]),
            ("load", ["perl", "-e", f"require '{etc}/dsas.pl'"]),
            ("serving", ["perl", "-e", f"require '{etc}/dsas.pl'; DSAS::serving('role01')"]),
            ("get", ["perl", "-e", f"require '{etc}/dsas.pl'; DSAS::get('w00050', 'ipmi')"]),
        ],
        "php": [
            ("empty", [*php, "-r", "1;"]),
            ("load", [*php, "-r", f"require '{etc}/dsas.php';"]),
            ("serving", [*php, "-r", f"(require '{etc}/dsas.php')['roles']['role01']['in_service'];"]),
            ("get", [*php, "-r", f"{fleet} $f->get('w00050', 'ipmi');"]),
        ],
        "python": [
            ("empty", [*python, "pass"]),
            ("load", [*python, f"{found} import dsas"]),
            ("serving", [*python, f"{found} import dsas; dsas.serving('role01')"]),
            ("get", [*python, f"{found} import dsas; dsas.get('w00050', 'ipmi')"]),
        ],
        "ruby": [
            ("empty", ["ruby", "-e", "1"]),
            ("load", ["ruby", "-e", f"require '{etc}/dsas.rb'"]),
            ("serving", ["ruby", "-e", f"require '{etc}/dsas.rb'; DSAS.serving('role01')"]),
            ("get", ["ruby", "-e", f"require '{etc}/dsas.rb'; DSAS.get('w00050', 'ipmi')"]),
        ],
        "javascript": [
            ("empty", ["node", "-e", "1"]),
            ("load", ["node", "-e", f"require('{etc}/dsas.js')"]),
            ("serving", ["node", "-e", f"require('{etc}/dsas.js').serving('role01')"]),
            ("get", ["node", "-e", f"require('{etc}/dsas.js').get('w00050', 'ipmi')"]),
        ],
    }


def cpu_ms(command: list[str]) -> float:
    """User and system milliseconds of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def write(fleet: Fleet, etc: Path) -> Mapping[str, float]:
    """Write the files of every language; the CPU milliseconds that making them took."""
    view = View(fleet, 1, BindingOptions())
    emitters: Mapping[str, Emitter] = {name: emitter(name) for name in LANGUAGES}
    _ = (view.digest, view.roles, view.groups, view.index, view.default_of, view.property_names)
    spent = {}
    for name, made in emitters.items():
        before = time.process_time()
        artifacts = made.artifacts(view)
        spent[name] = 1000 * (time.process_time() - before)
        for artifact in artifacts:
            path = etc / artifact.path.removeprefix("/etc/")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(artifact.content)
    compiled = "import py_compile, sys; py_compile.compile(sys.argv[1], invalidation_mode="
    compiled += "py_compile.PycInvalidationMode.CHECKED_HASH)"
    subprocess.run([sys.executable, "-c", compiled, str(etc / "dsas.py")], check=True)
    return spent


def main() -> None:
    """Print a line a language for each number of hosts: the empty interpreter, and what comes on top of it."""
    need("perl", "php", "ruby", "node")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    with tempfile.TemporaryDirectory() as folder:
        write(loads(matrix(1)), Path(folder))
    for hosts in [int(number) for number in sys.argv[2:]] or [100, 1_000, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            generated = write(loads(matrix(hosts)), Path(folder))
            print(f"{hosts} hosts: generating {', '.join(f'{name} {ms:.0f}' for name, ms in generated.items())} ms")
            for language, columns in commands(Path(folder)).items():
                for _, command in columns:
                    cpu_ms(command)
                rows = [[cpu_ms(command) for _, command in columns] for _ in range(runs)]
                empty = statistics.median(row[0] for row in rows)
                more = [
                    f"{title} +{statistics.median(row[at] - row[0] for row in rows):.1f}"
                    for at, (title, _) in enumerate(columns)
                    if at
                ]
                print(f"  {language:11} empty {empty:5.1f}   {'   '.join(more)}")


if __name__ == "__main__":
    main()
