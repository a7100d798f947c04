"""`matrix diff REVISION` in a repository of somebody hostile: real git, and nothing that it names is run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from matrix_console.main import matrix

pytestmark = pytest.mark.needs("git")

TEXT = "@matrix 1\nw1 192.0.2.1 [web]\n"


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.jp", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder, *branch):
    """A repository in that folder, with the MATRIX committed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MATRIX").write_text(TEXT)
    git(folder, "init", "-q", *branch)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def diff(revision, folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(matrix, ["diff", revision])
    finally:
        os.chdir(before)


@pytest.fixture
def ran(tmp_path):
    """A program that leaves a file when it is run: the program, and what tells that it was."""
    program, mark = tmp_path / "program", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >>'{mark}'\nexit 1\n")
    program.chmod(0o755)
    return str(program), mark


def hostile(configuration, program, url):
    """Every setting of git-config(1) that names a program, and a blob that is to be fetched."""
    lines = f"""
[core]
    repositoryformatversion = 1
    sshCommand = {program}
    gitProxy = {program}
    askPass = {program}
    fsmonitor = {program}
    hooksPath = {os.path.dirname(program)}
    pager = {program}
    editor = {program}
    alternateRefsCommand = {program}
    attributesFile = {program}.attributes
[extensions]
    partialClone = origin
[remote "origin"]
    url = {url}
    promisor = true
    uploadpack = {program}
    proxy = {program}
[credential]
    helper = {program}
[diff]
    external = {program}
[diff "x"]
    textconv = {program}
    command = {program}
[filter "x"]
    smudge = {program}
    clean = {program}
    process = {program}
[uploadpack]
    packObjectsHook = {program}
[gpg]
    program = {program}
[pager]
    rev-parse = {program}
    cat-file = {program}
    ls-tree = {program}
[alias]
    cat-file = !{program}
"""
    with configuration.open("a") as file:
        file.write(lines)
    Path(f"{program}.attributes").write_text("* diff=x filter=x\n")


def lose(objects, folder, revision):
    """Take the MATRIX's blob out of a repository, as a partial clone lacks it."""
    found = subprocess.run(
        ["git", "rev-parse", f"{revision}:./MATRIX"], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()
    (objects / found[:2] / found[2:]).unlink()


URLS = [
    "ssh://192.0.2.1/x",
    "git://192.0.2.1/x",
    "ext::{program} x",
    "{folder}",
    "file://{folder}",
    "https://127.0.0.1:1/x",
]


@pytest.mark.parametrize("url", URLS)
def test_a_folder_with_a_repository_of_its_own_runs_nothing(tmp_path, ran, url):
    program, mark = ran
    site = commit(tmp_path / "site")
    shutil.copytree(site / ".git", tmp_path / "other.git")
    lose(site / ".git/objects", site, "HEAD")
    hostile(site / ".git/config", program, url.format(program=program, folder=tmp_path / "other.git"))
    result = diff("HEAD", site)
    assert not mark.exists(), mark.read_text()
    assert result.exit_code == 2
    assert result.stderr.startswith("matrix: ")
    assert "Traceback" not in result.output


def test_a_whole_repository_with_such_settings_is_compared_and_runs_nothing(tmp_path, ran, monkeypatch):
    program, mark = ran
    site = commit(tmp_path / "site")
    hostile(site / ".git/config", program, "ssh://192.0.2.1/x")
    (site / "MATRIX").write_text(TEXT + "w2 192.0.2.2 [web]\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    result = diff("HEAD", site)
    assert not mark.exists(), mark.read_text()
    assert (result.exit_code, "w2" in result.output) == (1, True)


@pytest.mark.parametrize("whole", [True, False])
def test_a_bare_repository_among_the_files_of_a_cloned_one_is_none(tmp_path, ran, whole):
    program, mark = ran
    site = tmp_path / "clone/site"
    site.mkdir(parents=True)
    git(tmp_path / "clone", "init", "-q")
    commit(tmp_path / "work", "-b", "master")
    for name in ("HEAD", "config", "objects", "refs"):
        source = tmp_path / "work/.git" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, site / name)
    (site / "MATRIX").write_text(TEXT)
    (site / "config").write_text("[core]\n    repositoryformatversion = 1\n    worktree = .\n")
    hostile(site / "config", program, "ssh://192.0.2.1/x")
    if not whole:
        lose(site / "objects", tmp_path / "work", "master")
    result = diff("master", site)
    assert not mark.exists(), mark.read_text()
    assert (result.exit_code, "master is no" in result.stderr) == (2, True), result.output


def test_the_environment_names_no_program_either(tmp_path, ran, monkeypatch):
    program, mark = ran
    site = commit(tmp_path / "site")
    lose(site / ".git/objects", site, "HEAD")
    hostile(site / ".git/config", str(tmp_path / "none"), "ssh://192.0.2.1/x")
    for name in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND", "GIT_ASKPASS", "GIT_EXTERNAL_DIFF", "GIT_PAGER"):
        monkeypatch.setenv(name, program)
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ssh:git:ext:file")
    assert diff("HEAD", site).exit_code == 2
    assert not mark.exists(), mark.read_text()


def test_a_repository_whose_files_are_said_to_lie_in_another_is_none(tmp_path, ran):
    for name in ("site", "other"):
        commit(tmp_path / name)
    git(tmp_path / "site", "config", "core.worktree", str(tmp_path / "other"))
    done = diff("HEAD", tmp_path / "site")
    assert (done.exit_code, "has its files elsewhere" in done.output) == (2, True), done.output


def test_a_repository_of_files_without_end_is_told_in_a_line(tmp_path, ran):
    """Each folder ten times the one below it, nine deep: a few hundred bytes."""
    (tmp_path / "MATRIX").write_text(TEXT)
    git(tmp_path, "init", "-q")

    def made(*words, text):
        done = subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True, input=text.encode())
        return done.stdout.decode().strip()

    blob = made("hash-object", "-w", "--stdin", text=TEXT)
    tree = made("mktree", text="".join(f"100644 blob {blob}\tf{each}\n" for each in range(10)))
    for _ in range(9):
        tree = made("mktree", text="".join(f"040000 tree {tree}\td{each}\n" for each in range(10)))
    tree = made("mktree", text=f"100644 blob {blob}\tMATRIX\n040000 tree {tree}\td\n")
    done = diff(f"{made('-c', 'user.name=a', '-c', 'user.email=a', 'commit-tree', '-m', '1', tree, text='')}", tmp_path)
    assert (done.exit_code, "more than 256 MiB" in done.output) == (2, True), done.output
