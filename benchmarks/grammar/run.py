"""`matrix check` beside ansible-inventory (INI) and nodeattr on the same hosts; reading again; memory.

usage: python benchmarks/grammar/run.py [RUNS] [COUNT …]

CPU, medians, in turn in one run. Every host carries 5 of 20 roles and stands on a line of its own. The benchmark sets
its peers up itself: ansible-core in a virtual environment of its own (`build/peers-grammar`), genders with apt-get when
`nodeattr` is missing (as root). A peer that cannot be had is an error, for a comparison without it says nothing.
ansible is left out at 100,000 hosts, where it takes a minute a run.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PACKAGES = [
    str(TOP / package) for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
]
ROLES = [f"role{number:02d}" for number in range(20)]
MOST_FOR_ANSIBLE = 10_000


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float, int]:
    """Milliseconds of CPU, peak mebibytes and exit status of one run of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return 1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024, process.returncode


def peers() -> str:
    """The ansible-inventory of a fresh environment; `nodeattr` is installed when it is missing."""
    sys.path.insert(0, str(TOP / "benchmarks"))
    from needs import need

    need("nodeattr")
    place = TOP / "build/peers-grammar"
    if not (place / "bin" / "ansible-inventory").exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "pip", "install", "-q", "ansible-core"], check=True)
    return str(place / "bin" / "ansible-inventory")


def write(folder: Path, count: int) -> None:
    """The same hosts as a MATRIX, an inventory and a genders file."""
    choose = random.Random(count)
    members: dict[str, list[str]] = {role: [] for role in ROLES}
    matrix, hosts, genders = ["@matrix 1"], [], []
    for number in range(count):
        roles = choose.sample(ROLES, 5)
        name, weight = f"w{number:06d}", number % 50
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        matrix.append(f"{name}  {address}  {' '.join(f'[{role}]' for role in roles)}  weight={weight}")
        hosts.append(f"{name} ansible_host={address} weight={weight}")
        genders.append(f"{name} {','.join(roles)},addr={address},weight={weight}")
        for role in roles:
            members[role].append(name)
    (folder / "MATRIX").write_text("\n".join(matrix) + "\n")
    groups = [line for role in ROLES for line in (f"[{role}]", *members[role])]
    (folder / "hosts.ini").write_text("\n".join([*hosts, *groups]) + "\n")
    (folder / "genders").write_text("\n".join(genders) + "\n")


def again(path: Path, runs: int) -> tuple[float, float]:
    """Milliseconds of a first reading in this process, and of reading again after one changed line."""
    sys.path[:0] = PACKAGES[:2]
    from matrix_grammar.reading import Reader

    first, changed = [], []
    lines = path.read_text().split("\n")
    for turn in range(runs):
        reader = Reader()
        started = time.process_time()
        reader.read(path)
        first.append(time.process_time() - started)
        reader.read(path)
        lines[len(lines) // 2] = lines[len(lines) // 2].split("  weight=")[0] + f"  weight={turn + 100}"
        path.write_text("\n".join(lines))
        started = time.process_time()
        fleet = reader.read(path).fleet
        changed.append(time.process_time() - started)
        assert fleet is not None
        assert any(host.property("weight") == turn + 100 for host in fleet)
    return 1000 * statistics.median(first), 1000 * statistics.median(changed)


def measure(folder: Path, count: int, runs: int, ansible: str) -> float:
    """Print the medians for one number of hosts; answers that of `matrix check`."""
    write(folder, count)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": ":".join(PACKAGES), "PYTHONPYCACHEPREFIX": str(folder / "pyc")}
    python = {key: value for key, value in environment.items() if key != "PYTHONPATH"}
    commands = {
        "matrix check": ([sys.executable, "-m", "matrix_console", "check", str(folder / "MATRIX")], environment),
        "nodeattr -n '~role00'": (["nodeattr", "-f", str(folder / "genders"), "-n", "~role00"], environment),
    }
    if count <= MOST_FOR_ANSIBLE:
        command = [ansible, "-i", str(folder / "hosts.ini"), "--list"]
        commands["ansible-inventory --list (INI)"] = (command, python)
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, (command, variables) in commands.items():
            if name.startswith("ansible") and turn > 2:
                continue
            result = run(command, variables)
            if turn:
                found[name].append(result)
    own = statistics.median(cpu for cpu, _, _ in found["matrix check"])
    assert not any(status for _, _, status in found["matrix check"])
    for name, results in found.items():
        cpu, memory, status = (statistics.median(column) for column in zip(*results, strict=True))
        if status:
            print(f"{count:>7,} hosts  {name:32} ended with {status:.0f}")
            continue
        print(f"{count:>7,} hosts  {name:32} {cpu:9.0f} ms  {memory:6.0f} MiB  {cpu / own:6.2f} x matrix")
    first, changed = again(folder / "MATRIX", runs)
    print(f"{count:>7,} hosts  {'first reading / one line changed':32} {first:9.0f} ms / {changed:.1f} ms")
    return own


def main() -> None:
    """Measure all numbers of hosts, and how the time grows with them."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    counts = [int(count) for count in sys.argv[2:]] or [1_000, 10_000, 100_000]
    with tempfile.TemporaryDirectory() as name:
        ansible = peers()
        times = {count: measure(Path(name), count, runs, ansible) for count in counts}
    if {10_000, 100_000} <= times.keys():
        print(f"100,000 hosts take {times[100_000] / times[10_000]:.1f} times as long as 10,000")


if __name__ == "__main__":
    main()
