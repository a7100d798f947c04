"""`matrix diff` against files, folders and real git revisions."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from matrix_console.main import matrix

pytestmark = pytest.mark.needs("git")

EXAMPLES = Path(__file__).parents[2] / "examples"


def diff(*arguments, cwd=None):
    before = Path.cwd()
    os.chdir(cwd or before)
    try:
        return CliRunner().invoke(matrix, ["diff", *map(str, arguments)])
    finally:
        os.chdir(before)


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.jp", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A repository whose folder `site` holds the example; its first commit is tagged v1."""
    folder = tmp_path / "repository" / "site"
    shutil.copytree(EXAMPLES, folder)
    git(folder, "init", "-q", "..")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    git(folder, "tag", "v1")
    return folder


def edit(folder, old, new, file="MATRIX"):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_no_difference_is_silent(repository):
    result = diff("HEAD", cwd=repository)
    assert (result.exit_code, result.output) == (0, "")


def test_layout_and_comments_make_no_difference(repository):
    edit(repository, "weight=10    ipmi", "weight=10 ipmi")
    edit(repository, "# a guest", "# a very special guest")
    assert diff("HEAD", cwd=repository).exit_code == 0


def test_the_work_tree_against_a_revision(repository):
    edit(repository, "weight=10", "weight=20")
    result = diff("HEAD", cwd=repository)
    assert (result.exit_code, result.output) == (1, "  w[101-103]  weight 10 → 20\n")


def test_between_two_revisions(repository):
    edit(repository, "weight=10", "weight=20")
    git(repository, "commit", "-qam", "second")
    assert diff("v1", "HEAD", cwd=repository).output == "  w[101-103]  weight 10 → 20\n"
    assert diff("HEAD", "v1", cwd=repository).output == "  w[101-103]  weight 20 → 10\n"
    assert diff("HEAD~1", "v1", cwd=repository).exit_code == 0


def test_includes_are_those_of_the_revision(repository):
    (repository / "matrix.d" / "osk1.matrix").write_text("x1  10.8.0.1  [ps]\n")
    (repository / "matrix.d" / ".hidden.matrix").write_text("nonsense here [\n")
    (repository / "matrix.d" / "new.matrix").write_text("n1  10.8.0.2  [ps]\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "more")
    shutil.rmtree(repository / "matrix.d")
    (repository / "matrix.d").mkdir()
    (repository / "matrix.d" / "osk1.matrix").write_text("")
    assert diff("HEAD", cwd=repository).output.splitlines()[0] == "- host n1,x1  in ps"


def test_files_and_folders(repository, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(EXAMPLES, other)
    edit(other, "[WARN: fan alarm 4/12]", "")
    assert diff(repository, other).output == "  w104  state WARN: fan alarm 4/12 → (none)\n"
    assert diff(other / "MATRIX", repository / "MATRIX").exit_code == 1


def test_as_json(repository):
    edit(repository, "weight=10", "weight=20")
    result = diff("HEAD", "--json", cwd=repository)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["changes"] == [
        {
            "subject": "host",
            "names": ["w101", "w102", "w103"],
            "kind": "changed",
            "aspect": "property",
            "key": "weight",
            "old": 10,
            "new": 20,
        }
    ]


@pytest.mark.parametrize("name", ["nonsense", "--upload-pack=x", "HEAD:MATRIX", "", "HEAD~99"])
def test_what_is_neither_file_nor_revision_ends_with_2(repository, name):
    result = diff("--", name, cwd=repository)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_without_a_repository_it_says_so(tmp_path):
    shutil.copytree(EXAMPLES, tmp_path / "here")
    result = diff("HEAD", cwd=tmp_path / "here")
    assert result.exit_code == 2
    assert "HEAD is no file" in result.stderr


def test_an_old_text_with_mistakes_is_told_apart(repository):
    edit(repository, "w104                       ", "w1O4 ")
    git(repository, "commit", "-qam", "broken")
    git(repository, "checkout", "-q", "v1")
    result = diff("HEAD@{1}", cwd=repository)
    assert result.exit_code == 1
    assert "M037" in result.stderr
    assert "the MATRIX of HEAD@{1} has errors" in result.stderr


def test_an_include_that_the_revision_has_not_is_a_mistake(repository):
    edit(repository, "matrix.d/*.matrix", "later/*.matrix")
    (repository / "later").mkdir()
    (repository / "later" / "a.matrix").write_text("")
    git(repository, "commit", "-qam", "without the folder")
    result = diff("HEAD", cwd=repository)
    assert result.exit_code == 1
    assert "no file matches later/*.matrix" in result.stderr
