from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matrix_console.commands.build import command

TEXT = "@site a\n[web] vip=10.0.0.9:80\n    w1  10.0.0.1\n    w2  10.0.0.2\n"


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "MATRIX"
    path.write_text(TEXT)
    return path


def build(matrix: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["-f", str(matrix), "-o", str(matrix.parent / "out"), *arguments])


def test_writes_the_files_as_they_lie_on_a_host_and_says_which(matrix: Path) -> None:
    result = build(matrix, "--only", "sh")
    conf = matrix.parent / "out/etc/dsas.conf"
    assert result.exit_code == 0, result.output
    assert f"new      {conf}\n" in result.output
    assert "6 files, 6 written, 0 as they were" in result.output
    assert "DSAS_WEB='w1 w2'" in conf.read_text()
    assert conf.stat().st_mode & 0o777 == 0o644


def test_leaves_files_alone_that_are_as_they_should_be(matrix: Path) -> None:
    build(matrix, "--only", "sh")
    conf = matrix.parent / "out/etc/dsas.conf"
    before = conf.stat()
    assert "6 files, 0 written, 6 as they were" in build(matrix, "--only", "sh").output
    assert (conf.stat().st_ino, conf.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_puts_a_changed_file_and_a_changed_mode_right_by_a_new_file(matrix: Path) -> None:
    build(matrix, "--only", "sh")
    conf, functions = (matrix.parent / "out/etc" / name for name in ("dsas.conf", "dsas.d/dsas.sh"))
    inode = conf.stat().st_ino
    held = conf.open()
    os.chmod(functions, 0o600)
    conf.write_text("broken")
    output = build(matrix, "--only", "sh").output
    held.close()
    assert f"changed  {conf}\n" in output
    assert conf.stat().st_ino != inode
    assert functions.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in conf.parent.iterdir()) == ["dsas.conf", "dsas.d"]


def test_json_names_every_file_with_its_sum(matrix: Path) -> None:
    told = json.loads(build(matrix, "--only", "sh", "--generation", "7", "--json").output)
    assert told["generation"] == 7
    assert [(each["path"], each["mode"], each["change"]) for each in told["files"]] == [
        ("/etc/dsas.conf", "0644", "new"),
        ("/etc/dsas.d/dsas.sh", "0644", "new"),
        ("/etc/dsas.d/fleet-diffall.sh", "0644", "new"),
        ("/etc/dsas.d/fleet-forall.sh", "0644", "new"),
        ("/etc/dsas.d/fleet-syncall.sh", "0644", "new"),
        ("/etc/dsas.d/fleet.sh", "0644", "new"),
    ]
    assert all(len(each["sha256"]) == 64 for each in told["files"])


def test_files_move_and_change_their_mode_by_settings(matrix: Path) -> None:
    (matrix.parent / "matrix.toml").write_text(
        '[bindings.files]\n"/etc/dsas.conf" = { path = "/opt/site/roles.sh", mode = "0640" }\n[sh]\nprefix = "SITE_"\n'
    )
    assert build(matrix, "--only", "sh").exit_code == 0
    moved = matrix.parent / "out/opt/site/roles.sh"
    assert "SITE_WEB='w1 w2'" in moved.read_text()
    assert moved.stat().st_mode & 0o777 == 0o640
    assert not (matrix.parent / "out/etc/dsas.conf").exists()


@pytest.mark.parametrize(
    ("settings", "arguments", "status", "said"),
    [
        ("", ("--only", "shh"), 2, "no emitter is called shh; there are sh"),
        ('[sh]\nprefix = ""\n', (), 1, "role path would be $PATH in sh"),
        ('[bindings.files]\n"/etc/dsas.conf" = { mode = "0999" }\n', (), 2, "mode must be octal text"),
        ('[bindings.files]\n"/etc/dsas.conf" = { path = "../x" }\n', (), 2, "path must be absolute"),
    ],
)
def test_a_wrong_name_or_setting_writes_nothing(
    matrix: Path, settings: str, arguments: tuple[str, ...], status: int, said: str
) -> None:
    matrix.write_text(TEXT + "[path]\n    w1\n")
    (matrix.parent / "matrix.toml").write_text(settings)
    result = build(matrix, *arguments)
    assert result.exit_code == status, result.output
    assert said in result.output
    assert not (matrix.parent / "out").exists()


def test_a_matrix_with_a_mistake_builds_nothing(matrix: Path) -> None:
    matrix.write_text(TEXT + "w3 10.0.0.3 [NOSUCH]\n")
    assert build(matrix).exit_code == 1
    assert not (matrix.parent / "out").exists()


def test_a_file_that_cannot_be_written_is_named_and_nothing_stays_behind(matrix: Path) -> None:
    (matrix.parent / "out/etc/dsas.conf").mkdir(parents=True)
    result = build(matrix, "--only", "sh")
    assert result.exit_code == 2
    assert f"{matrix.parent / 'out/etc/dsas.conf'}: it is a folder" in result.output
    assert [path.name for path in (matrix.parent / "out/etc").iterdir()] == ["dsas.conf"]


def test_when_one_file_does_not_fit_on_the_disk_every_file_is_as_it_was(matrix: Path) -> None:
    assert build(matrix, "--only", "sh,json").exit_code == 0
    folder = matrix.parent / "out/etc"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    matrix.write_text(TEXT + "".join(f"w{number} 10.0.1.{number} [more]\n" for number in range(10, 60)))
    line = 'ulimit -f 8; exec "$0" -m matrix_console build -f "$1" -o "$2" --only sh,json'
    command = ["dash", "-c", line, sys.executable, str(matrix), str(matrix.parent / "out")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "file too large; every file is as it was" in result.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_check_refuses_what_the_binding_could_not_do(matrix: Path) -> None:
    from matrix_console.commands.check import command as check

    matrix.write_text(TEXT + "[path]\n    w1\n")
    assert CliRunner().invoke(check, ["-f", str(matrix)]).exit_code == 0
    (matrix.parent / "matrix.toml").write_text('[sh]\nprefix = ""\n')
    result = CliRunner().invoke(check, ["-f", str(matrix), "--format", "concise"])
    assert result.exit_code == 1
    assert "error[M090]: role path would be $PATH in sh" in result.output
