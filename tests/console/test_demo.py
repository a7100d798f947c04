"""`matrix demo` tells the truth, and leaves nothing behind however it ends."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STEPS = 7


def start(temporary: Path, *arguments: str) -> subprocess.Popen[str]:
    """The demonstration in a session of its own, with its private folder made below `temporary`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "matrix_console", "demo", *arguments],
        env={**environment, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def processes_of(folder: Path) -> list[str]:
    """Command lines of all processes that name the folder, or were started by something that does."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(folder).encode() in environment or str(folder) in command:
                found.append(f"{entry.name} {command}")
    return found


def assert_nothing_is_left(folder: Path) -> None:
    limit = time.monotonic() + 10
    while time.monotonic() < limit and (processes_of(folder) or any(folder.iterdir())):
        time.sleep(0.05)
    assert processes_of(folder) == []
    assert list(folder.iterdir()) == []


def test_the_whole_story_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    story = start(tmp_path)
    output, _ = story.communicate(timeout=120)
    assert story.returncode == 0, output
    assert re.findall(r"^(\d)\. ", output, re.MULTILINE) == [str(step) for step in range(1, STEPS + 1)]
    assert "error[M012]: unknown state WARM" in output
    for language in ("sh", "perl", "php", "python3"):
        assert re.search(rf"ok: {language} +w101 w102 w103 w104 \| 5 \| disk, back 4/20", output), output
    assert "\x1b[" not in output
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("SSH servers", signal.SIGINT),
        ("3. ", signal.SIGTERM),
        ("4. ", signal.SIGKILL),
        ("matrix watch &", signal.SIGKILL),
    ],
)
def test_killed_in_the_middle_it_leaves_no_process_and_no_file(
    tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    story = start(tmp_path)
    assert story.stdout is not None
    for line in story.stdout:
        if moment in line:
            break
    story.send_signal(number)
    story.wait(20)
    story.stdout.close()
    assert story.returncode in (-number, 130)
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.35, 0.5])
def test_killed_while_it_begins_it_leaves_no_process_and_no_file(tmp_path: Path, seconds: float) -> None:
    story = start(tmp_path)
    time.sleep(seconds)
    story.kill()
    story.communicate(timeout=20)
    assert_nothing_is_left(tmp_path)


def test_with_keep_the_printed_commands_work_until_ctrl_c(tmp_path: Path) -> None:
    story = start(tmp_path, "--keep")
    assert story.stdout is not None
    lines = []
    for line in story.stdout:
        lines.append(line.strip())
        if "dsas_hosts" in line and any("To try" in said for said in lines):
            break
    begin = next(index for index, line in enumerate(lines) if "To try" in line)
    tries = [line for line in lines[begin + 1 :] if line and not line.endswith(" watch")]
    some_failed = ("status --live", "matrix push")
    tries = [
        f"{line.replace('$EDITOR MATRIX; ', '')} || [ $? -eq 3 ]" if line.endswith(some_failed) else line
        for line in tries
    ]
    script = "set -e\n" + "\n".join(tries)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MATRIX_")}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, env=environment)
    story.send_signal(signal.SIGINT)
    story.wait(20)
    story.stdout.close()
    assert result.returncode == 0, script + result.stdout + result.stderr
    assert "DSAS_PS=" in result.stdout
    assert "banner" not in result.stdout, "no other machine's port is spoken to"
    assert "w101" in result.stdout.splitlines()[-5:], "the hosts that are up"
    assert_nothing_is_left(tmp_path)
