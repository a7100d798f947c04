"""The scripts that run on a host as files are POSIX sh, for every sh that reads them."""

import shutil
import subprocess
from importlib.resources import files

import pytest
from matrix_parts import require

from matrix_distributor.generation.delta import delta
from matrix_distributor.hostside.requests import change_command, install_command, query_command
from matrix_distributor.hostside.scripts import INSTALL_PARTS, PERL_PARTS, install_program, install_script, put_script

SCRIPTS = ("install.sh", "gate.sh", "load.sh", "receive.sh", "enroll.sh", "reflect.sh")


@pytest.fixture
def script(request, tmp_path) -> str:
    """The path of a script; of install.sh, its parts in one, as they are written."""
    folder = files("matrix_distributor.hostside.scripts")
    if request.param != "install.sh":
        return str(folder.joinpath(request.param))
    whole = "".join(folder.joinpath("install", f"{part}.sh").read_text() for part in INSTALL_PARTS)
    (tmp_path / "install.sh").write_text(whole)
    return str(tmp_path / "install.sh")


def test_install_sh_is_sent_without_its_comments_but_for_those_that_say_how_to_call_it():
    lines = install_script().decode().splitlines()
    remarks = [number for number, line in enumerate(lines) if line.lstrip().startswith("#")]
    assert remarks == list(range(len(remarks)))
    assert lines[0] == "#!/bin/sh"
    assert any("install.sh repair" in line for line in lines[: len(remarks)])


@pytest.mark.parametrize("script", SCRIPTS, indirect=True)
def test_shellcheck_finds_nothing(script):
    require("shellcheck")
    done = subprocess.run(["shellcheck", "-s", "sh", script], capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "shell", [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["ksh93"]], ids=lambda s: s[0]
)
@pytest.mark.parametrize("script", SCRIPTS, indirect=True)
def test_every_shell_reads_it(script, shell, tmp_path):
    require(shell[0])
    subprocess.run([shutil.which(shell[0]), *shell[1:], "-n", script], check=True)
    if script.startswith(str(tmp_path)):
        (tmp_path / "sent.sh").write_bytes(install_script())
        subprocess.run([shutil.which(shell[0]), *shell[1:], "-n", str(tmp_path / "sent.sh")], check=True)


def test_commands_are_short_enough_for_dropbear_and_without_what_csh_reads_in_a_way_of_its_own(generation):
    first = generation(1)
    change = change_command(generation(2, first), delta(generation(2, first), first), "w1", sudo=True)
    for command in (install_command(first, "w1", sudo=True), change, query_command(sudo=True)):
        for line in (command.line, command.resident.line):
            assert len(line) < 9000, "MAX_CMD_LEN of dropbear"
            assert "\n" not in line
            assert "!" not in line


@pytest.mark.parametrize("way", PERL_PARTS)
@pytest.mark.parametrize("sent", [False, True], ids=["as it is written", "as it is sent"])
def test_perl_reads_it_strictly_and_warns_of_nothing(way, sent, tmp_path):
    require("perl")
    folder = files("matrix_distributor.hostside.scripts").joinpath("install_pl")
    written = b"".join(folder.joinpath(f"{part}.pl").read_bytes() for part in PERL_PARTS[way])
    (tmp_path / "install.pl").write_bytes(install_program(way) if sent else written)
    words = ["perl", "-Mstrict", "-Mwarnings=FATAL,all", "-c", str(tmp_path / "install.pl")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, f"{tmp_path}/install.pl syntax OK\n")


def test_perl_reads_put_pl_strictly_and_warns_of_nothing(tmp_path):
    require("perl")
    (tmp_path / "put.pl").write_bytes(put_script(("/etc", "it's", "644", "", "", "0" * 64, "1")))
    words = ["perl", "-Mstrict", "-Mwarnings=FATAL,all", "-c", str(tmp_path / "put.pl")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, f"{tmp_path}/put.pl syntax OK\n")


def test_every_part_of_both_installs_is_sent_in_the_order_of_its_number():
    folder = files("matrix_distributor.hostside.scripts")
    parts = {path.name for path in folder.joinpath("install").iterdir()} - {"README.md"}
    assert [f"{part}.sh" for part in INSTALL_PARTS] == sorted(parts)
    parts = {path.name for path in folder.joinpath("install_pl").iterdir()} - {"README.md"}
    assert parts == {f"{part}.pl" for parts in PERL_PARTS.values() for part in parts}
    for chosen in PERL_PARTS.values():
        assert sorted(chosen) == list(chosen)
