"""A site in a folder, for tests of the commands: its files, the hosts of an embedded fleet, and verbs that run here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sshd_fleet import SshdFleet

from matrix_console.main import matrix
from matrix_distributor.embedded import FleetProcess

HOSTS = ("lv1", "lv2", "w1", "w2", "w3")
BALANCED = """\
[lv] vrid=10
    lv1  192.0.2.1  [lv.master]
    lv2  192.0.2.2  [lv.backup]
[ps] vip=203.0.113.80:80 check=tcp
    w1  192.0.2.11 weight=10
    w2  192.0.2.12 weight=10
    w3  192.0.2.13 weight=10
"""
"""Two load balancers and the three hosts behind them."""

WITHOUT_PAUSE = "[reflect]\npause = 0\nprobe = false\n"
MOTD_ENTRY = '[reflect.motd]\ntemplate = "motd.j2"\nhosts = "lv"\npath = "/etc/motd"\n'
"""Settings of a file that is made from an own template for the load balancers; its check may follow."""


def call(folder: Path, verb: str, *words: str, status: int = 0) -> Result:
    """A verb on the MATRIX of a folder, which ends with that status; an error that it does not catch fails the test."""
    result = CliRunner().invoke(matrix, [verb, "-f", str(folder), *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def embedded(names: Sequence[str], factory: pytest.TempPathFactory, *, remove: bool = False) -> Iterator[FleetProcess]:
    """The hosts of a fixture."""
    with FleetProcess(names, factory.mktemp("embedded") / "fleet", remove=remove) as fleet:
        yield fleet


class CommandSite:
    """A folder with these files, on which verbs are called; its hosts are those of a fleet."""

    def __init__(self, folder: Path, fleet: FleetProcess | SshdFleet, **files: str) -> None:
        self.folder, self.fleet = folder, fleet
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)

    def configure(self, more: str = "", *, author: str = "ann@adm1") -> None:
        """Write matrix.toml: how hosts are reached, by whom, and more."""
        text = f'[ssh]\nconfig = "{self.fleet.ssh_config}"\nagent = false\n[push]\nlocal = false\nauthor = "{author}"\n'
        (self.folder / "matrix.toml").write_text(text + more)

    def run(self, verb: str, *words: str, status: int = 0) -> Result:
        """A verb, which ends with that status."""
        return call(self.folder, verb, *words, status=status)

    def json(self, verb: str, *words: str, status: int = 0) -> Any:
        """The verb's answer for programs."""
        return json.loads(self.run(verb, *words, "--json", status=status).stdout)

    def edit(self, old: str, new: str, name: str = "MATRIX") -> None:
        """Replace what stands in a file, which must be there."""
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new))
