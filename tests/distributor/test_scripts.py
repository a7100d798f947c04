"""The scripts that stay on a host are POSIX sh, for every sh that reads them."""

import shutil
import subprocess
from importlib.resources import files

import pytest
from matrix_parts import require

SCRIPTS = ("install.sh", "gate.sh", "receive.sh", "enroll.sh")


def path(name: str) -> str:
    return str(files("matrix_distributor.remote").joinpath(name))


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_finds_nothing(name):
    require("shellcheck")
    done = subprocess.run(["shellcheck", "-s", "sh", path(name)], capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "shell", [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["ksh93"]], ids=lambda s: s[0]
)
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_shell_reads_it(name, shell):
    require(shell[0])
    subprocess.run([shutil.which(shell[0]), *shell[1:], "-n", path(name)], check=True)
