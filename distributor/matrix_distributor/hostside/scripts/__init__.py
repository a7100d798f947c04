"""What runs on a host: POSIX shell scripts, and install.pl where it has perl.

Both installs are carried along with a generation, enroll.sh and what stays on the host by `matrix enroll`, those of
FORALL, SYNCALL and DIFFALL with each call: these are the emitters', whose sh functions send the same.
"""

import shlex
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from matrix_emitters.bindings.sh.fleetwork import host_script, words_of_a_go

INSTALL_PARTS = (
    "10_head",
    "15_lock",
    "20_records",
    "25_verdicts",
    "30_ways_of_others",
    "35_folders_of_others",
    "40_modes",
    "50_placing",
    "55_this_host",
    "60_install",
    "70_answers",
    "90_main",
)
"""The files of `install/`, which are install.sh one after another. Files of one number and name there and in
`install_pl/` are about the same."""

_INSTALLING = ("20_records", "25_verdicts", "35_folders_of_others", "40_modes", "50_placing", "60_install")
PERL_PARTS = {
    "change": ("10_head", "12_streams", "16_delta", *_INSTALLING, "90_change"),
    "stay": ("10_head", "12_streams", "14_archive", "16_delta", *_INSTALLING, "65_modules", "70_answers", "90_stay"),
    "receive": ("10_head", "12_streams", "14_archive", *_INSTALLING, "90_receive"),
}
"""The files of `install_pl/` that make up each program; the last is what it does."""


@cache
def install_script() -> bytes:
    """The text of install.sh, which puts a generation in place and answers for it: the files of install/ in one.

    Hosts read it at each call, so of its comments only those at its head go with it.
    """
    parts = [files(__name__).joinpath("install", f"{part}.sh").read_text(encoding="ascii") for part in INSTALL_PARTS]
    head, _, opening = parts[0].partition("\n\n")
    lines = "".join([opening, *parts[1:]]).splitlines(keepends=True)
    return "".join([head, "\n", *(line for line in lines if not line.lstrip().startswith("#"))]).encode()


@cache
def install_program(way: Literal["change", "stay", "receive"]) -> bytes:
    """The text of install.pl, which installs as install.sh does.

    `stay` takes requests one after another, and answers as well; `change` takes what a delta changes; `receive` lies on
    enrolled hosts, and judges what comes from an account that is not trusted.
    """
    folder = files(__name__).joinpath("install_pl")
    parts = [folder.joinpath(f"{part}.pl").read_text(encoding="ascii") for part in PERL_PARTS[way]]
    lines = (line.strip() for line in "".join(parts).splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#")).encode()


@cache
def enroll_scripts() -> dict[str, bytes]:
    """What `matrix enroll` brings to a host: what runs there once, and what stays."""
    names = {"enroll.sh": "enroll.sh", "gate.sh": "gate", "receive.sh": "receive", "load.sh": "load"}
    scripts = {name: files(__name__).joinpath(source).read_bytes() for source, name in names.items()}
    return {**scripts, "install.sh": install_script(), "receive.pl": install_program("receive")}


def run_line(arguments: Sequence[str], *, sudo: bool) -> str:
    """The line for a login shell that runs a command by run.sh.

    The arguments are host, roles, state, bytes of the script and of the standard input (`-` for none), and the words.
    Under sudo the shell leads no process group of its own, which run.sh is told by a 0.
    """
    return _line("run", ["0" if sudo else "own", *arguments], sudo=sudo)


def copy_line(arguments: Sequence[str], *, sudo: bool) -> str:
    """The line that takes a stream of files and carries out the `go` that comes with it, by copy.sh.

    The arguments are host, roles, state, the sums of all files or of their list, and the folder with a dot in front.
    """
    return _line("copy", ["0" if sudo else "own", *arguments], sudo=sudo)


def fetch_line(arguments: Sequence[str], *, sudo: bool) -> str:
    """The line that sends one file (a path with a dot in front), compressed, at most so many bytes of it."""
    return _line("fetch", arguments, sudo=sudo)


@cache
def _put_text() -> str:
    lines = files(__name__).joinpath("put.pl").read_text(encoding="ascii").splitlines()
    return "".join(f"{line.strip()}\n" for line in lines if line.strip() and not line.lstrip().startswith("#"))


def put_script(arguments: Sequence[str]) -> bytes:
    """What perl reads from standard input before the content of a file, and puts that in place by.

    The arguments are folder, name, mode, owner, whether that owner is only root's to give (1), the sha256, and whether
    the content is compressed (1).
    """
    quoted = ", ".join("'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'" for word in arguments)
    return f"@ARGV = ({quoted});\n{_put_text()}__END__\n".encode()


@cache
def hand_over_script() -> str:
    """The functions by which a `go` hands over to reflect.sh."""
    return words_of_a_go(files(__name__).joinpath("hand_over.sh").read_text(encoding="ascii"))


@cache
def reflect_script() -> bytes:
    """The text of reflect.sh, which puts one file in place and applies it, or puts the old one back."""
    return files(__name__).joinpath("reflect.sh").read_bytes()


def survey_line(arguments: Sequence[str], *, sudo: bool) -> str:
    """The line that tells what files a host has, by survey.sh, which passes itself on to xargs."""
    launch = 'DSAS_SURVEY=$1; export DSAS_SURVEY; shift; eval "$DSAS_SURVEY"'
    words = [*(("sudo", "-n") if sudo else ()), "sh", "-c", launch, "sh", host_script("survey"), *arguments]
    return "exec " + shlex.join(words)


def _line(name: str, arguments: Sequence[str], *, sudo: bool) -> str:
    """One line without `!`, since csh as a login shell would read newlines and `!` in a way of its own."""
    return "exec " + shlex.join([*(("sudo", "-n") if sudo else ()), "sh", "-c", host_script(name), "sh", *arguments])
