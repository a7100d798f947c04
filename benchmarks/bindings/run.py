"""What the sh binding costs a script: CPU time, medians, everything side by side in one run.

    python benchmarks/bindings/run.py [RUNS]

Prints for each shell and number of hosts: the empty shell; sourcing a file with nothing but the lists of hosts in
service, the same with the lists of all hosts as well, and dsas.conf, with its ratio to each of them; then the first
question of a script (which loads the records), a selector, and one more question in each of its forms. Hosts are in
5 of 20 roles each, one in 50 is out of service.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / package) for package in ("benchmarks", "common", "grammar", "sources", "emitters")]

from needs import need  # noqa: E402

from matrix_emitters.bindings import build  # noqa: E402
from matrix_grammar import Fleet  # noqa: E402
from matrix_grammar.reading import loads  # noqa: E402

SHELLS = {
    "dash": ["dash"],
    "bash": ["bash"],
    "busybox": ["busybox", "ash"],
    "zsh": ["zsh", "-f"],
    "mksh": ["mksh"],
    "ksh": ["ksh93"],
}
SIZES = (100, 1_000, 10_000)
LOOPS = 2_000


def fleet(size: int) -> Fleet:
    lines = ["@domain example.jp", "@site tky1", "@default os=debian ssh.user=root"]
    lines += [f'[r{role:02d}] "role {role}" vip=10.200.0.{role + 1}:80 sched=wlc' for role in range(20)]
    for number in range(size):
        tags = " ".join(f"[r{(number * 7 + step * 3) % 20:02d}]" for step in range(5))
        address = f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}"
        state = " [STOP: disk]" if number % 50 == 7 else ""
        lines.append(f"w{number:05d} {address} {tags} weight={number % 256} ipmi=10.9.{address[5:]}{state}")
    return loads("\n".join(lines) + "\n")


def cpu(shell: list[str], script: str) -> float:
    """CPU milliseconds of a shell and its children."""
    child = subprocess.Popen([*shell, "-c", script], env={"PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{shell[0]}: status {child.returncode}: {script[:200]}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def medians(shell: list[str], scripts: dict[str, str], runs: int) -> dict[str, float]:
    """The median of each script, taken in turns, so that a busy moment hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(runs):
        for name, script in scripts.items():
            taken[name].append(cpu(shell, script))
    return {name: statistics.median(values) for name, values in taken.items()}


def lists_only(fleet: Fleet, both: bool) -> str:
    """The least that could be sourced: the hosts in service of each role, with `both` all of each as well."""
    lines = []
    for role in fleet.roles.values():
        lines.append(f"DSAS_{role.name.upper()}='{' '.join(host.name for host in role.in_service)}'\n")
        if both:
            lines.append(f"DSAS_{role.name.upper()}__ALL='{' '.join(host.name for host in role.hosts)}'\n")
    return "".join(lines)


def main() -> None:
    need(*(command for command, *_ in SHELLS.values()))
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            root = Path(folder, str(size))
            root.mkdir()
            made = fleet(size)
            (root / "lists").write_text(lists_only(made, both=False))
            (root / "both").write_text(lists_only(made, both=True))
            for artifact in build(made, 1, only=["sh"]):
                (root / Path(artifact.path).name).write_bytes(artifact.content)
            report(root, size, runs if size < 10_000 else max(3, runs // 3))


def report(root: Path, size: int, runs: int) -> None:
    source = f"DSAS_DIR={root}; . {root}/dsas.conf; "
    last = f"w{size - 1:05d}"
    loop = f"{source}dsas_get {last} os; i=0; while [ $i -lt {{n}} ]; do {{body}}; i=$((i + 1)); done"
    forms = {
        "loop": ":",
        "ask": f"dsas_ask get {last} weight",
        "print": f"dsas_get {last} weight",
        "fork": f"v=$(dsas_get {last} weight)",
    }
    for name, shell in SHELLS.items():
        scripts = {
            "empty": ":",
            "lists": f". {root}/lists",
            "both": f". {root}/both",
            "conf": f". {root}/dsas.conf",
            "first": f"{source}dsas_get {last} weight",
            "select": f"{source}dsas_hosts '(r01&r04)!STOP'",
        }
        count = {form: LOOPS // 10 if form == "fork" else LOOPS for form in forms}
        loops = {form: loop.format(n=count[form], body=body) for form, body in forms.items()}
        found = medians(shell, {**scripts, **loops}, runs)
        each = {form: (found[form] - found["loop"]) * 1000 / LOOPS for form in ("ask", "print")}
        each["fork"] = (found["fork"] - found["first"]) * 1000 / count["fork"]
        print(
            f"{name:8}{size:6} hosts, ms: "
            f"empty {found['empty']:.1f}, lists {found['lists']:.1f}, both {found['both']:.1f}, dsas.conf "
            f"{found['conf']:.1f} ({found['conf'] / found['lists']:.2f}x, {found['conf'] / found['both']:.2f}x); "
            f"first {found['first']:.1f}, selector {found['select']:.1f}; "
            f"µs: ask {each['ask']:.1f}, get {each['print']:.1f}, $(get) {each['fork']:.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
