"""A folder of one's own is made where it stays one's own, and a script that is carried along lies there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_distributor.fleetwork.running import Job, Script, command_line
from matrix_emitters.bindings.sh.fleetwork import host_script
from matrix_grammar.reading import loads

NOBODY = 65534
SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]}
each_shell = pytest.mark.parametrize("shell", list(SHELLS))


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """`own`; `theirs`, a user's; `below`, which is ours in it; `open`, to all; `sticky`, to all but for renaming."""
    require("root")
    for name, mode in (("own", 0o755), ("theirs", 0o755), ("theirs/below", 0o700), ("open", 0o777), ("sticky", 0o1777)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    os.chown(tmp_path / "theirs", NOBODY, NOBODY)
    (tmp_path / "link").symlink_to("own")
    return tmp_path


@each_shell
@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("own", "own"),
        ("sticky", "sticky"),
        ("link", "own"),
        ("theirs", ""),
        ("theirs/below", ""),
        ("open", ""),
        ("no", ""),
    ],
)
def test_a_folder_that_others_can_change_is_not_taken(folders: Path, shell: str, name: str, taken: str) -> None:
    line = f'{host_script("firm")} set -u; shared && echo "$p"'
    done = subprocess.run(
        [*SHELLS[shell], "-c", line], env={"PATH": os.environ["PATH"], "TMPDIR": str(folders / name)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{folders / taken if taken else '/tmp'}\n", "")


@each_shell
@pytest.mark.parametrize(("name", "taken"), [("own", True), ("theirs", False), ("open", False)])
def test_a_script_is_run_from_where_nobody_else_can_put_another(
    folders: Path, shell: str, name: str, taken: bool
) -> None:
    script = folders / "script"
    script.write_text('stat -c "%a %u" "${0%/*}" "$0"; echo "$0"\n')
    host = loads("@matrix 1\n[ps]\n    w1 10.0.0.1\n").host("w1")
    line = command_line(host, Job((), Script.of(script))).replace("exec sh", "exec " + " ".join(SHELLS[shell]), 1)
    with subprocess.Popen(
        ["sh", "-c", line], env={"PATH": os.environ["PATH"], "TMPDIR": str(folders / name)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(script.read_bytes())
        process.stdin.flush()
        begun, first, second, place = process.stdout.read().decode().splitlines()
    assert (begun, first, second) == ("dsas 1 begun", "700 0", "700 0")
    assert place.startswith(f"{folders / name}/.dsas." if taken else "/tmp/.dsas.")
    assert not Path(place).parent.exists()
