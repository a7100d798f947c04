"""What install.sh does with a host, in dash with coreutils and in busybox."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue import Reply
from matrix_distributor.hostside.protocol import Refusal
from matrix_distributor.hostside.requests import HostState, install_command, load_command, read_state


def test_a_new_host_has_nothing_and_says_so(host):
    assert host.state() == HostState(0, "", "none")


def test_a_generation_is_put_in_place_whole(host, generation, in_place):
    first = generation(1)
    assert host.install(first) == HostState(1, first.digest, "installed", before=0)
    assert host.files() == in_place(first)
    assert host.state() == HostState(1, first.digest, "whole")
    assert host.leftovers() == []


def test_every_file_has_its_mode_and_the_time_of_its_generation(host, generation):
    host.install(generation(1))
    status = (host.root / "etc/dsas.conf").stat()
    assert stat.S_IMODE(status.st_mode) == 0o644
    older = status.st_mtime
    host.install(generation(2, generation(1)))
    assert (host.root / "etc/dsas.conf").stat().st_mtime > older, "caches go by the time of a file"


def test_the_generation_lies_on_the_host_with_the_matrix_and_its_manifest(host, generation):
    first = generation(1)
    host.install(first)
    folder = host.root / "var/lib/dsas/generations" / first.manifest.directory
    assert (folder / "matrix/MATRIX").read_bytes() == first.texts["MATRIX"]
    assert (folder / "manifest.json").read_bytes() == first.manifest.to_json()
    assert (host.root / "var/lib/dsas/current").read_text() == f"{first.manifest.directory} {first.digest}\n"


def test_the_host_knows_its_name(host, generation):
    host.install(generation(1))
    assert (host.root / "etc/dsas.d/self").read_text() == "w1\n"


def test_the_same_generation_again_changes_nothing(host, generation):
    first = generation(1)
    host.install(first)
    before = (host.root / "etc/dsas.conf").stat().st_ino
    assert host.install(first) == HostState(1, first.digest, "same")
    assert (host.root / "etc/dsas.conf").stat().st_ino == before


def test_the_next_generation_replaces_it_and_removes_what_it_no_longer_has(host, generation, in_place):
    first = generation(1, extra={"/etc/old/gone.conf": b"1\n"})
    second = generation(2, first, extra={"/etc/dsas.pl": b"1;\n"})
    host.install(first)
    assert host.install(second) == HostState(2, second.digest, "installed", removed=("/etc/old/gone.conf",), before=1)
    assert host.files() == in_place(second)


def test_files_of_the_host_that_are_no_part_of_a_generation_are_left_alone(host, generation):
    (host.root / "etc").mkdir()
    (host.root / "etc/passwd").write_text("root\n")
    host.install(generation(1))
    host.install(generation(2, generation(1)))
    assert (host.root / "etc/passwd").read_text() == "root\n"


def test_an_older_generation_is_refused_and_both_are_named(host, generation, in_place):
    first = generation(1)
    second = generation(2, first)
    host.install(second)
    answer = host.install(first)
    assert isinstance(answer, Trouble)
    assert isinstance(answer, Refusal)
    assert "generation 2" in answer.cause
    assert "newer than generation 1" in answer.cause
    assert "by ann@adm1" in answer.cause
    assert host.files() == in_place(second)


def test_another_generation_of_the_same_number_is_refused_as_a_second_origin(host, generation, in_place):
    mine, theirs = generation(1), generation(1, salt="another")
    host.install(mine)
    answer = host.install(theirs)
    assert isinstance(answer, Trouble)
    assert isinstance(answer, Refusal)
    assert "two origins" in answer.cause
    assert mine.digest[:12] in answer.cause
    assert theirs.digest[:12] in answer.cause
    assert host.files() == in_place(mine)


def test_a_newer_generation_of_another_line_is_refused_too(host, generation):
    first = generation(1)
    mine = generation(2, first)
    theirs = generation(3, generation(2, first, salt="another"))
    host.install(mine)
    answer = host.install(theirs)
    assert isinstance(answer, Trouble)
    assert "no ancestor" in answer.cause


def test_a_host_that_missed_generations_takes_the_newest(host, generation):
    line = [generation(1)]
    for number in range(2, 6):
        line.append(generation(number, line[-1]))
    host.install(line[0])
    assert host.install(line[-1]) == HostState(5, line[-1].digest, "installed", before=1)


def test_force_overrules_the_host(host, generation, in_place):
    first, other = generation(1), generation(1, salt="another")
    host.install(generation(2, first))
    assert host.install(first, force=True) == HostState(1, first.digest, "installed", before=2)
    assert host.install(other, force=True) == HostState(1, other.digest, "installed", before=1)
    assert host.files() == in_place(other)


def test_five_generations_are_kept(host, generation):
    current = None
    for number in range(1, 9):
        current = generation(number, current)
        host.install(current)
    kept = sorted(path.name.split("-")[0] for path in (host.root / "var/lib/dsas/generations").iterdir())
    assert kept == ["4", "5", "6", "7", "8"]


def test_a_file_changed_by_hand_is_found_and_put_right(host, generation, in_place):
    first = generation(1)
    host.install(first)
    (host.root / "etc/dsas.conf").write_text("changed\n")
    (host.root / "etc/dsas.d/dsas.sh").unlink()
    state = host.state()
    assert state.condition == "drift"
    assert sorted(state.drift) == ["/etc/dsas.conf", "/etc/dsas.d/dsas.sh"]
    assert host.install(first) == HostState(1, first.digest, "installed", before=1)
    assert host.files() == in_place(first)


def test_repair_by_hand_needs_no_origin(host, generation, in_place):
    first = generation(1)
    host.install(first)
    (host.root / "etc/dsas.conf").write_text("changed\n")
    done = host.script("repair")
    assert done.returncode == 0, done.stderr
    assert host.files() == in_place(first)
    assert host.state().condition == "whole"


def test_a_damaged_copy_of_the_generation_is_replaced(host, generation, in_place):
    first = generation(1)
    host.install(first)
    (host.root / "var/lib/dsas/generations" / first.manifest.directory / "root/etc/dsas.conf").write_text("rotten")
    (host.root / "etc/dsas.conf").write_text("rotten")
    assert host.script("repair").returncode == 66, "a copy that is not whole is never put in place"
    assert isinstance(host.install(first), HostState)
    assert host.files() == in_place(first)


def test_a_link_in_the_place_of_a_file_is_replaced_and_what_it_points_to_left_alone(host, generation):
    (host.root / "etc").mkdir()
    (host.root / "precious").write_text("mine\n")
    (host.root / "etc/dsas.conf").symlink_to(host.root / "precious")
    host.install(generation(1))
    assert not (host.root / "etc/dsas.conf").is_symlink()
    assert (host.root / "precious").read_text() == "mine\n"


def test_a_folder_in_the_place_of_a_file_stops_the_install_before_anything_is_replaced(host, generation, in_place):
    first = generation(1)
    host.install(first)
    (host.root / "etc/dsas.pl").mkdir()
    answer = host.install(generation(2, first, extra={"/etc/dsas.pl": b"1;\n"}))
    assert isinstance(answer, Trouble)
    assert "/etc/dsas.pl" in answer.cause
    assert host.files() == in_place(first)
    (host.root / "etc/dsas.pl").rmdir()
    assert host.script("repair").returncode == 0
    assert host.leftovers() == []


def test_names_with_blanks_and_other_letters_travel(host, generation, in_place):
    odd = generation(1, extra={"/etc/o d d/ü $(x) 'y'.conf": b"1\n", 'matrix/p a r t"s/x.matrix': b"\n"})
    assert host.install(odd) == HostState(1, odd.digest, "installed", before=0)
    assert host.files() == in_place(odd)
    assert host.state().condition == "whole"


def test_bindings_are_loaded_on_the_host(host, generation):
    host.install(generation(1))
    answer = read_state(host.run(load_command()))
    assert isinstance(answer, HostState)
    assert answer.condition == "loaded"


def test_a_binding_that_does_not_load_is_named(host, generation):
    host.install(generation(1, extra={"/etc/dsas.conf": b"if\n"}))
    answer = read_state(host.run(load_command()))
    assert isinstance(answer, Trouble)
    assert "/etc/dsas.conf does not load" in answer.cause


def test_a_binding_that_prints_is_named(host, generation):
    host.install(generation(1, extra={"/etc/dsas.conf": b"echo hello\n"}))
    answer = read_state(host.run(load_command()))
    assert isinstance(answer, Trouble)
    assert "prints" in answer.cause


def test_python_compiles_by_hash_in_the_background(host, generation):
    host.environment = {"DSAS_REST": "0"}  # seconds
    host.install(generation(1, extra={"/etc/dsas.py": b"generation = 1\n"}))
    for _ in range(200):
        compiled = list((host.root / "etc/__pycache__").glob("dsas.*.pyc"))
        if compiled:
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert compiled[0].read_bytes()[4:8] == b"\x03\0\0\0", "PEP 552: checked, by hash"


def test_the_lock_of_an_install_that_runs_is_waited_for(host, generation):
    host.shell, host.path = ("dash",), os.environ["PATH"]
    first = generation(1)
    host.install(first)
    lock = Path(host.root, "var/lib/dsas/lock")
    holder = subprocess.Popen(["flock", str(lock), "sleep", "1.5"])
    try:
        while subprocess.run(["flock", "-n", str(lock), "true"], check=False).returncode == 0:
            assert holder.poll() is None
        assert isinstance(host.install(generation(2, first)), HostState)
        assert holder.wait(10) == 0
    finally:
        holder.kill()
        holder.wait()


def test_without_flock_a_lock_whose_holder_is_dead_is_taken_over(host, generation, busybox_only):
    first = generation(1)
    host.install(first)
    host.shell, host.path = (str(busybox_only / "sh"),), str(busybox_only)
    assert not (busybox_only / "flock").exists()
    ended = subprocess.Popen(["true"])
    ended.wait()
    os.symlink(str(ended.pid), host.root / "var/lib/dsas/lock.pid")
    assert host.script("repair").returncode == 0
    assert not os.path.lexists(host.root / "var/lib/dsas/lock.pid")


def test_without_flock_a_lock_whose_holder_lives_is_waited_for(host, generation, busybox_only):
    first = generation(1)
    host.install(first)
    host.shell, host.path = (str(busybox_only / "sh"),), str(busybox_only)
    lock = host.root / "var/lib/dsas/lock.pid"
    holder = subprocess.Popen(["sleep", "30"])
    os.symlink(str(holder.pid), lock)
    release = threading.Timer(1.0, lambda: (lock.unlink(), holder.kill()))
    release.start()
    assert isinstance(host.install(generation(2, first)), HostState)
    release.join()
    holder.wait()


def test_what_a_host_says_of_its_trouble_is_told_once():
    full = "cannot write /etc/.dsas-new/dsas.conf: No space left on device"
    for said in (f"dsas: {full}\n", f"{full}\n", f"profile: noise\ndsas: {full}\n"):
        assert read_state(Reply(64, b"", said.encode(), 0.1)).cause == full
    tools = f"cp: {full}\ndsas: cannot make the copies\n"
    assert read_state(Reply(64, b"", tools.encode(), 0.1)).cause == f"cannot make the copies (cp: {full})"


@pytest.mark.parametrize("host", ["perl"], indirect=True)
def test_where_perl_is_no_tar_is_started_also_over_a_connection_that_is_not_kept(host, generation, in_place, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "tar").write_text("#!/bin/sh\nexit 1\n")
    (tools / "tar").chmod(0o755)
    host.path = f"{tools}:{host.path}"
    first = generation(1)
    by_sh = host.run(install_command(first, "w1", perl=False))
    assert (by_sh.status, by_sh.stdout) == (63, b"")
    assert host.install(first).condition == "installed"
    assert host.files() == in_place(first)
