"""`make fuzz`: drafts of random texts beside what the programs that they are of say.

Of inventories beside `ansible-inventory`, of ssh_configs beside `ssh -G`, of genders files beside `nodeattr`, and of
keepalived.confs beside what keepalived dumps, which needs root and a C compiler.

`run.py [COUNT] [FIRST]`: COUNT of each (400). Ansible is installed into `build/ansible`, once. Ends with status 1 and
the texts whose drafts differ from what the program says without telling it. `--record` writes those of the tests anew.
"""

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[3] / "grammar"), str(HERE.parents[3] / "emitters")]

import genders_files  # noqa: E402 - it stands beside this file
import inventories  # noqa: E402
import keepalived_dumps  # noqa: E402
import keepalived_files  # noqa: E402
import meant  # noqa: E402
import ssh_configs  # noqa: E402

ANSIBLE = "ansible-core==2.19.*"
RECORDED = HERE.parent / "ansible_inventory_list.json"
ENVIRONMENT = HERE.parents[3] / "build" / "ansible"


def ansible() -> Path:
    """The Python that has Ansible, installed when it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "bin" / "ansible-inventory").exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", ANSIBLE], check=True)
    return python


def listed(texts: dict[str, str]) -> Iterator[tuple[str, str, meant.Listed]]:
    """What `ansible-inventory --list` says of each text by its file name."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text)
        asked = [str(ansible()), str(HERE / "ansible_lists.py"), folder]
        with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said = json.loads(line)
                yield said["name"], texts[said["name"]], said["listed"]
        if process.returncode:
            raise SystemExit("ansible-inventory broke off")


def made(first: int, count: int) -> dict[str, str]:
    """Inventories, each as INI and as YAML."""
    found = {}
    for number in range(first, first + count):
        groups = inventories.make(number)
        found[f"{number}.ini"] = inventories.as_ini(groups, number)
        found[f"{number}.yml"] = inventories.as_yaml(groups)
    return found


def compare(count: int, first: int) -> Iterator[tuple[str, str, list[str]]]:
    """Every text whose draft differs: its name, itself, and how."""
    for name, text, said in listed(made(first, count)):
        yield name, text, list(meant.differences(text, said))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            text = ssh_configs.make(number)
            yield f"{number}.ssh_config", text, list(ssh_configs.differences(text, Path(folder) / "config"))
            text = genders_files.make(number)
            yield f"{number}.genders", text, list(genders_files.differences(text, Path(folder) / "genders"))
        loaded = keepalived_dumps.shim(Path(folder))
        for number in range(first, first + count):
            text = keepalived_files.make(number)
            yield f"{number}.keepalived.conf", text, list(keepalived_files.differences(text, Path(folder), loaded))


def record() -> None:
    """Write what Ansible says of some inventories, for the tests."""
    texts = made(0, 12) | {path.name: path.read_text() for path in sorted(HERE.glob("*.ini"))}
    version = subprocess.run(
        [ansible().with_name("ansible-inventory"), "--version"], capture_output=True, text=True, check=True
    ).stdout.split("\n")[0]
    cases = [{"name": name, "text": text, "listed": said} for name, text, said in listed(texts)]
    RECORDED.write_text(json.dumps({"said_by": version, "cases": cases}, indent=1) + "\n")


def main() -> int:
    if sys.argv[1:] == ["--record"]:
        record()
        return 0
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    first = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time()) * 1000
    started, texts, differing = time.monotonic(), 0, 0
    for name, text, found in compare(count, first):
        texts += 1
        if found:
            differing += 1
            print(f"--- {name}\n{text}" + "".join(f"differs: {each}\n" for each in found))
    print(f"{texts:,} texts from number {first}: {differing:,} differ, in {time.monotonic() - started:.0f} s")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
