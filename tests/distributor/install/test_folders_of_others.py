"""Bindings in folders that others than root can change are put there, and nothing that is planted is followed."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tarfile
import threading
import time
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.hostside.requests import HostState, files_command, load_command, read_state

NOBODY = 65534
PATH = "/etc/site/dsas.php"


@pytest.fixture
def site(host) -> Path:
    """A folder of the host that belongs to nobody."""
    folder = host.root / "etc/site"
    folder.mkdir(parents=True)
    os.chown(folder, NOBODY, NOBODY)
    return folder


@pytest.fixture
def precious(host) -> Path:
    """A folder of root, and a file in it."""
    folder = host.root / "precious"
    folder.mkdir(mode=0o700)
    (folder / "dsas.php").write_text("mine\n")
    (folder / "dsas.php").chmod(0o600)
    return folder


def untouched(precious: Path) -> bool:
    file = precious / "dsas.php"
    kept = file.read_text() == "mine\n" and stat.S_IMODE(file.stat().st_mode) == 0o600
    return kept and [path.name for path in precious.iterdir()] == ["dsas.php"]


def test_a_binding_is_put_into_a_folder_of_somebody_else_and_looked_at_and_taken_out(host, site, generation, in_place):
    first = generation(1, extra={PATH: b"<?php //1\n", "/etc/site/old.conf": b"1\n", "/etc/site/a/b/c.conf": b"1\n"})
    second = generation(2, first, extra={PATH: b"<?php //2\n"})
    assert host.install(first) == HostState(1, first.digest, "installed", before=0)
    assert host.files() == in_place(first)
    assert host.state().condition == "whole"
    assert host.install(first) == HostState(1, first.digest, "same")
    gone = ("/etc/site/a/b/c.conf", "/etc/site/old.conf")
    answer = host.install(second)
    assert isinstance(answer, HostState), answer
    assert (answer.condition, sorted(answer.removed)) == ("installed", list(gone))
    assert host.files() == in_place(second)
    status = (site / "dsas.php").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid, site.stat().st_uid) == (0o644, os.geteuid(), NOBODY)
    (site / "dsas.php").write_text("changed\n")
    assert host.state().drift == (PATH,)
    assert host.script("repair").returncode == 0
    assert host.state().condition == "whole"
    with tarfile.open(fileobj=io.BytesIO(host.run(files_command()).stdout)) as sent:
        assert {member.name.removeprefix(".") for member in sent if member.isreg()} == set(in_place(second))
    assert host.leftovers() == []


def test_what_is_planted_in_the_places_of_files_and_slots_is_not_followed(host, site, precious, generation, in_place):
    first = generation(1, extra={PATH: b"1\n"})
    host.install(first)
    (site / "dsas.php").unlink()
    (site / "dsas.php").symlink_to(precious / "dsas.php")
    (site / ".dsas-new").symlink_to(precious)
    second = generation(2, first, extra={PATH: b"2\n"})
    assert isinstance(host.install(second), HostState)
    assert host.files() == in_place(second)
    (site / ".dsas-new").unlink(missing_ok=True)
    (site / ".dsas-new").mkdir()
    os.chown(site / ".dsas-new", NOBODY, NOBODY)
    (site / ".dsas-new/dsas.php").symlink_to(precious / "dsas.php")
    (site / ".dsas-new/inner").symlink_to(precious)
    third = generation(3, second, extra={PATH: b"3\n"})
    assert isinstance(host.install(third), HostState)
    assert in_place(third).items() <= host.files().items()
    assert not (site / "dsas.php").is_symlink()
    assert untouched(precious)


def test_a_link_on_the_way_that_somebody_else_can_change_is_refused_and_nothing_is_changed(
    host, site, precious, generation, in_place
):
    first = generation(1)
    host.install(first)
    os.chown(site, 0, 0)
    site.chmod(0o1777)
    (site / "www").symlink_to(precious)
    answer = host.install(generation(2, first, extra={"/etc/site/www/dsas.php": b"2\n"}))
    assert isinstance(answer, Trouble)
    assert "www is a link that somebody else than root can change: name the folder itself" in answer.cause
    assert untouched(precious)
    assert host.files() == in_place(first)


@pytest.mark.parametrize("owner", [0, NOBODY])
def test_a_link_that_only_root_can_change_is_followed(host, generation, owner):
    real = host.root / "real/www"
    real.mkdir(parents=True)
    os.chown(real, owner, owner)
    (host.root / "etc").mkdir()
    (host.root / "etc/site").symlink_to("../real")
    first = generation(1, extra={"/etc/site/www/dsas.php": b"1\n"})
    assert isinstance(host.install(first), HostState)
    assert (real / "dsas.php").read_bytes() == b"1\n"
    assert host.state().condition == "whole"
    assert host.leftovers() == []


def test_a_link_of_root_leads_no_further_than_to_the_links_of_others(host, precious, generation):
    theirs = host.root / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)
    (theirs / "www").symlink_to(precious)
    (host.root / "etc").mkdir()
    (host.root / "etc/site").symlink_to(theirs / "www")
    answer = host.install(generation(1, extra={PATH: b"1\n"}))
    assert isinstance(answer, Trouble)
    assert "www is a link that somebody else than root can change" in answer.cause
    assert untouched(precious)


def test_folders_that_are_changed_all_the_while_lead_nowhere(host, site, precious, generation):
    (site / "www").mkdir()
    ended = threading.Event()

    def swap() -> None:
        while not ended.is_set():
            for link in ("www", "www/.dsas-new"):
                try:
                    os.rename(site / link, site / "aside")
                    os.symlink(precious, site / link)
                    os.unlink(site / link)
                    os.rename(site / "aside", site / link)
                except OSError:
                    continue

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        made = None
        for number in range(1, 9):
            made = generation(number, made, extra={"/etc/site/www/dsas.php": str(number).encode()})
            host.install(made)
    finally:
        ended.set()
        swapper.join()
    assert untouched(precious)


def test_what_is_in_place_is_looked_at_without_following_or_waiting(host, site, precious, generation):
    first = generation(1, extra={PATH: b"mine\n"})
    host.install(first)
    file = site / "dsas.php"
    for plant in (lambda: file.symlink_to(precious / "dsas.php"), lambda: os.mkfifo(file)):
        file.unlink()
        plant()
        assert host.state().drift == (PATH,), "a link to the very same content is another thing"
        with tarfile.open(fileobj=io.BytesIO(host.run(files_command()).stdout)) as sent:
            assert PATH not in {member.name.removeprefix(".") for member in sent}
    assert isinstance(host.install(first), HostState)
    assert file.read_bytes() == b"mine\n"


def test_a_planted_binding_is_not_run_when_root_loads_all(host, site, generation):
    host.install(generation(1, extra={"/etc/site/dsas.conf": b"DSAS=1\n"}))
    (site / "dsas.conf").write_text(f"touch {host.root}/pwned\n")
    answer = read_state(host.run(load_command()))
    assert isinstance(answer, HostState), answer
    assert not (host.root / "pwned").exists()


@pytest.mark.parametrize("host", ["dash"], indirect=True)
@pytest.mark.parametrize(
    ("tool", "words"),
    [("mv", 'case $1 in *T*) exit 1 ;; esac; exec /bin/mv "$@"'),
     ("stat", '[ "$2" = %d ] || exec /usr/bin/stat "$@"; echo 1; echo 2')],
)  # fmt: skip
def test_without_perl_and_what_it_takes_then_it_is_refused_and_perl_is_named(
    host, site, generation, in_place, tmp_path, tool, words
):
    first = generation(1)
    host.install(first)
    (tmp_path / "shims").mkdir()
    (tmp_path / "shims" / tool).write_text(f"#!/bin/sh\n{words}\n")
    (tmp_path / "shims" / tool).chmod(0o755)
    host.path = f"{tmp_path}/shims:{host.path}"
    answer = host.install(generation(2, first, extra={PATH: b"2\n"}))
    assert isinstance(answer, Trouble)
    assert "install perl" in answer.cause
    assert host.files() == in_place(first)


@pytest.mark.parametrize("host", ["dash", "perl", "within"], indirect=True)  # busybox-static has no flock
def test_the_lock_is_closed_to_others_and_one_that_was_open_is_closed(host, generation):
    lock = host.root / "var/lib/dsas/lock"
    first = generation(1)
    host.install(first)
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    lock.chmod(0o644)
    host.install(generation(2, first))
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["dash"], indirect=True)
def test_without_flock_nobody_elses_process_holds_the_lock(host, generation, busybox_only):
    first = generation(1)
    host.install(first)
    host.shell, host.path = (str(busybox_only / "sh"),), str(busybox_only)
    other = subprocess.Popen(["sleep", "60"], user=NOBODY, cwd="/")
    try:
        os.symlink(str(other.pid), host.root / "var/lib/dsas/lock.pid")
        assert host.script("repair").returncode == 0
    finally:
        other.kill()
        other.wait()


def test_nothing_is_written_through_a_link_where_the_system_cannot_rename(host, site, precious, generation):
    first = generation(1, extra={"/etc/dsas.conf": b"1\n"})
    host.install(first)
    real = host.root / "real"
    real.mkdir()
    os.chown(real, NOBODY, NOBODY)
    subprocess.run(["mount", "--bind", real, site], check=True)
    try:
        (site / "dsas.php").symlink_to(precious / "made")
        answer = host.install(generation(2, first, extra={PATH: b"2\n"}))
        assert isinstance(answer, HostState) or "file system" in answer.cause
        assert untouched(precious)
    finally:
        subprocess.run(["umount", site], check=True)


def test_a_file_without_an_end_in_such_a_folder_holds_up_nothing(host, site, generation):
    first = generation(1, extra={PATH: b"1\n"})
    host.install(first)
    (site / "dsas.php").unlink()
    with (site / "dsas.php").open("wb") as endless:
        endless.truncate(1 << 42)
    began = time.monotonic()
    assert host.state().drift == (PATH,)
    assert host.install(first) == HostState(1, first.digest, "installed", before=1)
    assert time.monotonic() - began < 20
