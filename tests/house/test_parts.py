"""What the tests and the benchmarks need of the machine is installed by `scripts/parts.sh`, or named."""

import os
import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def parts(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`parts.sh` as somebody who is not root."""
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "MATRIX_TEST_PARTS": ""}
    program = [str(REPOSITORY / "scripts/parts.sh"), *arguments]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


def test_what_is_missing_is_named_with_what_to_type(tmp_path: Path) -> None:
    listed = tmp_path / "parts.txt"
    listed.write_text("# a list\ncoreutils  ls\nsuch-package  no-such-command\nother-package  ls  /no/such/file\n")
    result = parts(tmp_path, str(listed))
    assert result.returncode == 1
    assert "as root: apt-get install such-package other-package" in result.stderr
    assert "make test" not in result.stderr


def test_a_benchmark_asks_for_its_own_parts_alone(tmp_path: Path) -> None:
    listed = tmp_path / "parts.txt"
    listed.write_text("coreutils  ls\nsuch-package  no-such-command\n")
    assert parts(tmp_path, str(listed), "ls").returncode == 0
    assert parts(tmp_path, str(listed), "ls", "no-such-command").returncode == 1


def test_every_command_that_a_benchmark_needs_is_in_the_list() -> None:
    lines = (REPOSITORY / "benchmarks/parts.txt").read_text().splitlines()
    listed = {line.split()[1] for line in lines if line and not line.startswith("#")}
    asked = {
        word
        for program in REPOSITORY.glob("benchmarks/*/run.py")
        for call in re.findall(r"\bneed\(([^*)]*)\)", program.read_text())
        for word in re.findall(r'"([^"]+)"', call)
    }
    assert {"wrk", "nodeattr", "keepalived", "sshd"} <= asked
    assert asked <= listed
    assert {"dash", "bash", "busybox", "zsh", "mksh", "ksh93"} <= listed  # benchmarks/bindings asks for its shells
