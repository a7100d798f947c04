"""The same question put to every language of the bindings that is present on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

QUESTION = "hosts of ps in service; weight of w104 as a cache; why is w105 stopped?"

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "sh": (
        "sh",
        "-c",
        '. "$1/etc/dsas.conf"; echo $DSAS_PS; dsas_get_in w104 cache weight; dsas_reason w105',
        "sh",
    ),
    "perl": (
        "perl",
        "-e",
        'require "$ARGV[0]/etc/dsas.pl"; print join(" ", DSAS::serving("ps")), "\\n", '
        'DSAS::get_in("w104", "cache", "weight"), "\\n", DSAS::reason("w105"), "\\n"',
    ),
    "php": (
        "php",
        "-r",
        'require "$argv[1]/etc/dsas.d/Fleet.php"; $f = DSAS\\Fleet::load("$argv[1]/etc/dsas.php"); '
        'echo implode(" ", $f->serving("ps")), "\\n", $f->getIn("w104", "cache", "weight"), "\\n", '
        '$f->reason("w105"), "\\n";',
    ),
    "python3": (
        sys.executable,
        "-c",
        "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1] + '/etc'); import dsas; "
        "print(*dsas.serving('ps')); print(dsas.get_in('w104', 'cache', 'weight')); print(dsas.reason('w105'))",
    ),
}
"""A program for each language; its one further argument is the folder that the bindings were built in."""


def present() -> tuple[str, ...]:
    """The languages that this machine can run."""
    return tuple(name for name, program in PROGRAMS.items() if shutil.which(program[0]))


def command(language: str, folder: Path) -> tuple[str, ...]:
    """The command that puts the question to one language."""
    return (*PROGRAMS[language], str(folder))


def answer(result: subprocess.CompletedProcess[str]) -> tuple[str, ...]:
    """The lines of an answer; what went to standard error counts as well, so noise is never agreement."""
    return tuple((result.stdout + result.stderr).splitlines())
