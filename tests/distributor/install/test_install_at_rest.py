"""What waits until a host has come to rest: that the folders reach the disk, and that Python compiles its binding."""

import shutil
import time

import pytest


def compiled(host):
    found = list((host.root / "etc/__pycache__").glob("dsas.*.pyc"))
    return found[0].read_bytes() if found else b""


def await_true(condition):
    end = time.monotonic() + 60  # it gives way to everything
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.needs("python3")
def test_edits_in_a_row_are_compiled_once_and_the_last_of_them(host, generation):
    host.environment = {"DSAS_REST": "1"}  # seconds
    made = []
    for number in (1, 2, 3):
        source = f"GENERATION = 'number {number}'\n".encode()
        made.append(generation(number, made[-1] if made else None, extra={"/etc/dsas.py": source}))
    host.install(made[0])
    await_true(lambda: b"number 1" in compiled(host))
    host.install(made[1])
    host.install(made[2])
    assert b"number 1" in compiled(host), "no edit waits for it"
    seen = []
    await_true(lambda: seen.append(compiled(host)) or b"number 3" in seen[-1])
    assert not any(b"number 2" in content for content in seen), "what was overtaken is left out"
    assert compiled(host)[4:8] == b"\x03\0\0\0", "PEP 552: checked, by hash"


@pytest.mark.parametrize("host", ["dash"], indirect=True)  # the shell of busybox-static runs its own sync
def test_files_reach_the_disk_before_the_renames_and_the_folders_when_the_host_has_come_to_rest(
    host, generation, tmp_path
):
    shims, log = tmp_path / "shims", tmp_path / "log"
    shims.mkdir()
    (shims / "sync").write_text(f'#!/bin/sh\necho "$*" >>{log}\nexec {shutil.which("sync")} "$@"\n')
    (shims / "sync").chmod(0o755)
    host.path, host.environment = f"{shims}:{host.path}", {"DSAS_REST": "0"}
    first = generation(1)
    host.install(first)
    await_true(lambda: log.exists() and len(log.read_text().splitlines()) == 2)
    files, folders = log.read_text().splitlines()
    kept = f"{host.root}/var/lib/dsas/generations/{first.manifest.directory}"
    assert {f"{host.root}/etc/.dsas-new/dsas.conf", f"{host.root}/etc/dsas.d/.dsas-new/dsas.sh"} <= set(files.split())
    assert {f"{host.root}/etc", f"{host.root}/etc/dsas.d", kept, f"{kept}/matrix/MATRIX"} <= set(folders.split())
