"""`matrix fmt`: written in place, and never lost."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from matrix_common.files import writer as files
from matrix_console.main import matrix

UGLY = "[ps]\n  w1 10.0.0.1   weight=5\n  w222    10.0.0.2 [STOP]\n"
NEAT = "[ps]\n    w1    10.0.0.1  weight=5\n    w222  10.0.0.2  [STOP]\n"

OWNER = (12345, 54321)


def fmt(*arguments, stdin=None):
    return CliRunner().invoke(matrix, ["fmt", *map(str, arguments)], input=stdin)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "MATRIX"
    path.write_text(UGLY)
    return path


def leftovers(path):
    return [entry.name for entry in path.parent.iterdir() if entry.name.startswith(".")]


def test_in_place(text):
    result = fmt(text)
    assert (result.exit_code, result.output) == (0, f"{text} laid out anew\n")
    assert text.read_text() == NEAT
    assert leftovers(text) == []
    assert fmt(text).output == ""


def test_without_a_file_the_matrix_and_its_includes(text):
    text.write_text(UGLY + "@include d/*.matrix\n")
    part = text.parent / "d" / "a.matrix"
    part.parent.mkdir()
    part.write_text("x   10.0.0.9\n")
    assert fmt("-f", text).exit_code == 0
    assert text.read_text() == NEAT + "@include d/*.matrix\n"
    assert part.read_text() == "x  10.0.0.9\n"


def test_standard_input_to_standard_output():
    assert fmt("-", stdin=UGLY).output == NEAT
    assert fmt("-", "--check", stdin=UGLY).exit_code == 1
    assert fmt("-", "--check", stdin=NEAT).exit_code == 0
    assert fmt("-", "MATRIX", stdin=UGLY).exit_code == 2


def test_check_writes_nothing_and_tells(text):
    result = fmt("--check", text)
    assert (result.exit_code, result.output) == (1, f"{text} would change\n")
    assert text.read_text() == UGLY
    text.write_text(NEAT)
    assert fmt("--check", text).exit_code == 0


def test_diff_writes_nothing_and_shows(text):
    result = fmt("--diff", text)
    assert result.exit_code == 1
    assert "-  w1 10.0.0.1   weight=5\n" in result.output
    assert "+    w1    10.0.0.1  weight=5\n" in result.output
    assert text.read_text() == UGLY


def test_line_ends_that_change_are_shown(text):
    text.write_bytes(NEAT.replace("\n", "\r\n").encode())
    assert "<U+000D>" in fmt("--diff", text).output


def test_a_text_that_does_not_parse_is_left_alone_and_the_others_are_done(text):
    other = text.parent / "other"
    other.write_text("a 10.0.0.1 [x\n")
    result = fmt(other, text)
    assert result.exit_code == 1
    assert f"{other}:1:" in result.stderr
    assert other.read_text() == "a 10.0.0.1 [x\n"
    assert text.read_text() == NEAT


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b"])
def test_what_is_no_text_is_left_alone(text, content):
    text.write_bytes(content)
    assert fmt(text).exit_code == 1
    assert text.read_bytes() == content


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_read_is_one_line(text, name):
    result = fmt(text.parent / name)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def test_a_pipe_holds_nobody_up(text):
    os.mkfifo(text.parent / "pipe")
    result = fmt(text.parent / "pipe")
    assert result.exit_code == 1
    assert "not a regular file" in result.stderr


@pytest.mark.needs("root", "attributes")
def test_mode_owner_and_attributes_are_kept(text):
    text.chmod(0o640)
    os.chown(text, *OWNER)
    os.setxattr(text, "user.origin", b"tky1")
    assert fmt(text).exit_code == 0
    status = text.stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid) == (0o640, *OWNER)
    assert os.getxattr(text, "user.origin") == b"tky1"


def test_a_symbolic_link_stays_one(text):
    link = text.parent / "link"
    link.symlink_to("MATRIX")
    assert fmt(link).exit_code == 0
    assert link.is_symlink()
    assert text.read_text() == NEAT


def test_an_edit_in_between_is_not_lost(text, monkeypatch):
    class Slow(files.Original):
        def replace(self, content):
            text.write_text("someone's edit\n")
            super().replace(content)

    monkeypatch.setattr("matrix_common.files.Original", Slow)
    result = fmt(text)
    assert result.exit_code == 1
    assert "changed meanwhile" in result.stderr
    assert text.read_text() == "someone's edit\n"
    assert leftovers(text) == []


@pytest.mark.needs("root")
@pytest.mark.parametrize("call", ["write", "fsync", "replace", "fchmod", "fchown", "setxattr"])
def test_a_failure_at_any_step_leaves_the_file_as_it_was(text, monkeypatch, call):
    def fail(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    os.chown(text, *OWNER)
    monkeypatch.setattr(files, "_attributes", lambda path: ["user.any"])
    monkeypatch.setattr(os, "getxattr", lambda *arguments: b"")
    if call == "write":
        monkeypatch.setattr(files, "open", _failing_open, raising=False)
    else:
        if call != "setxattr":
            monkeypatch.setattr(os, "setxattr", lambda *arguments: None)
        monkeypatch.setattr(os, call, fail)
    result = fmt(text)
    assert result.exit_code == 1
    assert "no space left on device; it is as it was" in result.stderr
    assert text.read_text() == UGLY
    assert leftovers(text) == []


def _failing_open(file, mode):
    if mode == "wb":
        os.close(file)
        raise OSError(28, "No space left on device")
    return os.fdopen(file, mode)


def test_killed_at_any_moment_the_file_is_whole(text):
    """The process is killed at the n-th system call that matters, for every n."""
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from matrix_common.files import writer as files\n"
        "calls = int(sys.argv[2])\n"
        "def hook(event, arguments):\n"
        "    global calls\n"
        "    if event in ('open', 'os.rename') and sys.argv[1] in str(arguments):\n"
        "        calls -= 1\n"
        "        if calls < 0:\n"
        "            os.kill(os.getpid(), 9)\n"
        "sys.addaudithook(hook)\n"
        "original = files.Original(Path(sys.argv[1]) / 'MATRIX')\n"
        "original.replace(b'new\\n')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    seen = set()
    for calls in range(6):
        text.write_text("old\n")
        subprocess.run([sys.executable, "-c", program, str(text.parent), str(calls)], env=environment, check=False)
        seen.add(text.read_text())
        assert text.read_text() in ("old\n", "new\n")
    assert seen == {"old\n", "new\n"}


def test_a_file_that_stands_elsewhere_is_neither_shown_nor_laid_out_anew(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    other = tmp_path / "other"
    other.write_text("hunter2    10.0.0.1\n")
    other.chmod(0o644)
    (tmp_path / "site/MATRIX").write_text("@include ../other\n")
    for option in ("--diff", "--check"):
        assert "hunter2" not in CliRunner().invoke(matrix, ["fmt", option, "-f", str(tmp_path / "site")]).output
    CliRunner().invoke(matrix, ["fmt", "-f", str(tmp_path / "site")])
    assert other.read_text() == "hunter2    10.0.0.1\n"
