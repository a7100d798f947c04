"""Standard output that does not take what is printed."""

import os
import signal
import subprocess
import sys

import pytest

MATRIX = "@matrix 1\n[ps]\n    w101 10.0.0.1 weight=10\n    w102 10.0.0.2\n"
VERBS = [
    "query ps", "show", "check", "get w101 weight", "reflect", "reflect hosts", "explain M001", "--help",
    "query --help", "--version", "diff old MATRIX", "import hosts hosts", "forall --json ps true", "build -o out",
    "fmt --check MATRIX",
]  # fmt: skip


@pytest.fixture
def matrix(tmp_path):
    (tmp_path / "MATRIX").write_text(MATRIX)
    (tmp_path / "old").write_text(MATRIX.replace("weight=10", "weight=5"))
    (tmp_path / "hosts").write_text("10.0.0.1 w101\n")
    (tmp_path / "config").write_text("Host *\n ProxyCommand false\n")
    (tmp_path / "matrix.toml").write_text('[ssh]\nconfig = "config"\nagent = false\n')

    def run(words, **streams):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
        command = [sys.executable, "-m", "matrix_console", *words.split()]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
            **streams,
        )

    return run


@pytest.mark.needs("/dev/full")
@pytest.mark.parametrize("words", VERBS)
def test_a_full_disk_is_a_line_for_the_person(matrix, words):
    with open("/dev/full", "wb") as full:
        done = matrix(words, stdout=full)
    if done.returncode in (0, 1) and not done.stderr:
        assert not matrix(words, stdout=subprocess.PIPE).stdout, "it printed nothing that could be lost"
        return
    assert done.returncode == 2
    assert done.stderr.endswith("matrix: cannot write to standard output: No space left on device\n")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("words", ["query ps", "explain", "show --json"])
def test_a_reader_that_went_away_is_no_trouble(matrix, words):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as pipe:
        done = matrix(words, stdout=pipe)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")


def test_a_closed_output_is_none(matrix, tmp_path):
    done = matrix("query ps", preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_printed_in_a_pipe_comes_out_whole_and_in_order(matrix):
    done = matrix("explain", stdout=subprocess.PIPE)
    assert done.stdout.startswith("M001")
    assert done.stdout.endswith("\n")
