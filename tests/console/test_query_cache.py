"""The cache of `matrix query` is believed only while every text is what it was, and only when it is the caller's."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_texts import valid_texts

import matrix_common
import matrix_grammar
from matrix_console.cache import query_cache
from matrix_console.commands import query
from matrix_console.main import matrix
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.reading import loads
from matrix_grammar.selectors import select_stored as select
from matrix_grammar.selectors import stored as store


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A MATRIX with an include, a cache, and no MATRIX too small to keep."""
    monkeypatch.setenv("MATRIX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(query, "WORTH_KEEPING", 0)
    (tmp_path / "d").mkdir()
    (tmp_path / "MATRIX").write_text(
        "@domain example.jp\n@include d/*.matrix\nw[1-3] 10.0.0.[1-3] [ps]\nw4 10.0.0.4 [STOP]\n"
    )
    (tmp_path / "d" / "a.matrix").write_text("x1 10.1.0.1 [ps]\n")
    return tmp_path


@pytest.fixture
def parsed(monkeypatch):
    """How often a MATRIX was parsed."""
    from matrix_grammar.reading import Reader

    calls = []
    read = Reader.read

    def counting(self, path):
        calls.append(path)
        return read(self, path)

    monkeypatch.setattr(Reader, "read", counting)
    return calls


def ask(place, selector="ps"):
    result = CliRunner().invoke(matrix, ["query", "-f", str(place / "MATRIX"), selector])
    return result.exit_code, result.stdout


def kept_file(place):
    (file,) = (place / "cache").iterdir()
    return file


def test_an_unchanged_text_is_parsed_once(place, parsed):
    for _ in range(3):
        assert ask(place) == (0, "x1,w[1-3]\n")
    assert ask(place, "(ps!w2)&UP") == (0, "x1,w[1,3]\n")
    assert ask(place, "W4.EXAMPLE.jp") == (0, "w4\n")
    assert len(parsed) == 1


def test_what_needs_the_fleet_is_asked_of_the_fleet(place, parsed):
    ask(place)
    assert ask(place, "name=w1") == (0, "w1\n")
    assert ask(place, "pss")[0] == 2
    assert ask(place, "w[1-9]")[0] == 2
    assert ask(place, "ps&&")[0] == 2
    assert len(parsed) == 5


@pytest.mark.parametrize("change", ["edit", "include", "new include", "lost include", "same size and time"])
def test_every_change_of_the_texts_is_seen(place, parsed, change):
    ask(place)
    main, part = place / "MATRIX", place / "d" / "a.matrix"
    if change == "edit":
        main.write_text(main.read_text() + "w5 10.0.0.5 [ps]\n")
        expected = "x1,w[1-3,5]\n"
    elif change == "include":
        part.write_text("x2 10.1.0.1 [ps]\n")
        expected = "x2,w[1-3]\n"
    elif change == "new include":
        (place / "d" / "b.matrix").write_text("y1 10.2.0.1 [ps]\n")
        expected = "x1,y1,w[1-3]\n"
    elif change == "lost include":
        (place / "d" / "b.matrix").write_text("")
        assert ask(place) == (0, "x1,w[1-3]\n")
        part.unlink()
        expected = "w[1-3]\n"
    else:
        status = part.stat()
        part.write_text("x9 10.1.0.1 [ps]\n")
        os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
        expected = "x9,w[1-3]\n"
    assert ask(place) == (0, expected)
    assert len(parsed) >= 2


def test_a_text_that_breaks_answers_nothing(place):
    ask(place)
    (place / "d" / "a.matrix").write_text("x1 10.1.0.1 [ps\n")
    assert ask(place) == (1, "")


def test_warnings_are_told_every_time(place, parsed):
    (place / "MATRIX").write_text("@property weight int\nw1 10.0.0.1 [ps] wieght=3\n")
    first, second = (CliRunner().invoke(matrix, ["query", "-f", str(place / "MATRIX"), "ps"]) for _ in range(2))
    assert "warning" in first.stderr
    assert (first.stderr, first.stdout) == (second.stderr, second.stdout)
    assert len(parsed) == 1


def test_another_program_reads_for_itself(place, parsed, monkeypatch):
    ask(place)
    monkeypatch.setattr(query_cache, "program", lambda: "newer")
    ask(place)
    assert len(parsed) == 2


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """The packages that read texts and answer selectors, in a place where they can be changed."""
    for package in (matrix_common, matrix_grammar):
        copy = tmp_path / "program" / package.__name__
        shutil.copytree(Path(package.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(package, "__file__", str(copy / "__init__.py"))
    return tmp_path / "program"


@pytest.mark.parametrize(
    "file",
    ["matrix_grammar/selectors/names.py", "matrix_grammar/syntax/matrix.lark", "matrix_common/words/nearest.py"],
)
@pytest.mark.parametrize("change", ["edit", "same size and time", "new file", "lost file"])
def test_a_change_anywhere_in_the_program_is_seen(place, parsed, copies, file, change):
    ask(place)
    ask(place)
    assert len(parsed) == 1
    path = copies / file
    if change == "edit":
        path.write_text(path.read_text() + "\n")
    elif change == "same size and time":
        status = path.stat()
        path.write_text(path.read_text()[::-1])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "new file":
        path.with_name("new.py").write_text("")
    else:
        path.unlink()
    ask(place)
    assert len(parsed) == 2


def test_what_python_compiles_is_no_change_of_the_program(place, parsed, copies):
    ask(place)
    (copies / "matrix_grammar" / "__pycache__").mkdir()
    (copies / "matrix_grammar" / "__pycache__" / "fleet.cpython-311.pyc").write_bytes(b"")
    ask(place)
    assert len(parsed) == 1


def test_another_version_reads_for_itself(place, parsed, monkeypatch):
    ask(place)
    monkeypatch.setattr(matrix_common, "VERSION", "0.1.1")
    ask(place)
    assert len(parsed) == 2


@pytest.mark.parametrize("wound", ["empty", "cut", "other", "nonsense"])
def test_a_damaged_cache_is_as_none(place, parsed, wound):
    ask(place)
    file = kept_file(place)
    content = file.read_bytes()
    wounded = {"empty": b"", "cut": content[:-20], "other": content.replace(b"w1", b"w7"), "nonsense": b"\xff\n{}"}
    file.write_bytes(wounded[wound])
    assert ask(place) == (0, "x1,w[1-3]\n")
    assert len(parsed) == 2
    assert file.read_bytes() == content


ROOT = pytest.mark.needs("root")
TRAPS = ["open folder", "link", "open file", "pipe"]
TRAPS += [pytest.param("another's folder", marks=ROOT), pytest.param("another's file", marks=ROOT)]


@pytest.mark.parametrize("trap", TRAPS)
def test_what_another_could_have_written_is_not_believed(place, parsed, trap):
    ask(place)
    folder, file = place / "cache", kept_file(place)
    if trap == "open folder":
        folder.chmod(0o755)
    elif trap == "another's folder":
        os.chown(folder, 12345, 12345)
    elif trap == "link":
        folder.rename(place / "real")
        folder.symlink_to("real")
    elif trap == "another's file":
        os.chown(file, 12345, 12345)
    elif trap == "open file":
        file.chmod(0o666)
    else:
        file.unlink()
        os.mkfifo(file)
    assert ask(place) == (0, "x1,w[1-3]\n")
    assert len(parsed) == 2


def test_the_cache_is_private_from_the_start(place):
    before = os.umask(0)
    try:
        ask(place)
    finally:
        os.umask(before)
    assert (place / "cache").stat().st_mode & 0o777 == 0o700
    assert kept_file(place).stat().st_mode & 0o777 == 0o600


def test_it_does_not_grow_for_ever(place):
    for number in range(20):
        (place / str(number)).write_text("a 10.0.0.1 [ps]\n")
        CliRunner().invoke(matrix, ["query", "-f", str(place / str(number)), "ps"])
    assert len(list((place / "cache").iterdir())) == 16


@pytest.mark.parametrize("where", ["", "/proc/nowhere"])
def test_without_a_place_for_it_everything_works(place, monkeypatch, where):
    monkeypatch.setenv("MATRIX_CACHE", where)
    assert ask(place) == (0, "x1,w[1-3]\n")


def test_a_small_matrix_is_not_kept(place, monkeypatch):
    monkeypatch.setattr(query, "WORTH_KEEPING", 6)
    ask(place)
    assert not (place / "cache").exists()


words = st.sampled_from(
    ["ps", "cache", "db", "mx", "some", "h99", "UP", "STOP", "*", "w*", "w[0-1]", "LONG-name-?", "x.y1.example.jp"]
)
selectors = st.recursive(
    words, lambda inner: st.tuples(inner, st.sampled_from(",&!^"), inner).map(lambda parts: f"({''.join(parts)})")
)


@settings(max_examples=80, deadline=None)
@given(valid_texts(), selectors)
def test_kept_sets_answer_as_the_fleet_does(text, selector):
    fleet = loads(text)
    try:
        expected = fleet.select(selector).names
    except SelectorError:
        expected = None
    assert select(store(fleet), selector) == expected
