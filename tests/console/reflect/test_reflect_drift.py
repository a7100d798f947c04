"""Reflected files that somebody changed on a host: told by `status --live`, compared by `--diff`, put right."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from matrix_site import CommandSite, embedded

from matrix_common.trouble import Trouble
from matrix_distributor.embedded import FleetProcess
from matrix_distributor.reflect import ReflectOutcome, Rollout
from matrix_emitters.reflection.model import Reflected

NOBODY = 65534
TEXT = """\
@matrix 1
[ps]
    w1  192.0.2.11 colour=red
    w2  192.0.2.12 colour=red
"""
SETTINGS = """\
[ssh]
config = "{config}"
agent = false
[push]
local = false
[reflect]
pause = 0
probe = false
[reflect.motd]
template = "motd.j2"
hosts = "ps"
path = "/etc/lb/motd"
mode = "0640"
{more}
"""
MOTD = "/etc/lb/motd"


class Site(CommandSite):
    def __init__(self, folder: Path, fleet: FleetProcess, more: str = "") -> None:
        template = "# {{ header }}\nYou are on {{ host.name }}: {{ host.colour }}.\n"
        super().__init__(folder, fleet, **{"MATRIX": TEXT, "templates/motd.j2": template})
        (folder / "matrix.toml").write_text(SETTINGS.format(config=fleet.ssh_config, more=more))

    def reflections(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        answer = self.json("status", *arguments, status=status)
        return {one["host"]: one for one in answer["reflections"]}

    def file(self, host: str = "w1") -> Path:
        return Path(self.fleet.roots[host] / MOTD[1:])


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    yield from embedded(["w1", "w2"], tmp_path_factory)


@pytest.fixture
def site(fleet: FleetProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Both hosts hold the generation, and the file was applied on both."""
    monkeypatch.setenv("DSAS_SELF", "adm1")
    for root in fleet.roots.values():
        for item in ("etc", "var"):
            shutil.rmtree(root / item, ignore_errors=True)
    made = Site(tmp_path, fleet)
    for host in ("w1", "w2"):
        made.file(host).parent.mkdir(parents=True)
    made.run("push")
    made.run("reflect", "motd", "--apply")
    return made


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def unheard(carrier: Rollout, files: Sequence[Reflected]) -> Iterator[ReflectOutcome]:
    """Every host is away by now."""
    for file in files:
        for host in file.hosts:
            entry = file.entry
            yield ReflectOutcome(
                host=host, result="unreachable", entry=entry.name, path=entry.path, trouble=Trouble("connect")
            )


CHANGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "content": (lambda path: path.write_text("mine\n"), "other content", "content"),
    "gone": (Path.unlink, "missing", "new"),
    "mode": (lambda path: path.chmod(0o666), "mode 0666, should be 0640", "mode"),
    "owner": (lambda path: os.chown(path, NOBODY, 0), "owner nobody:root, should be root:root", "mode"),
    "group": (lambda path: os.chown(path, 0, NOBODY), "owner root:nogroup, should be root:root", "mode"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_told_and_put_right(site: Site, name: str) -> None:
    act, why, change = CHANGES[name]
    assert site.reflections("--live")["w1"]["result"] == "ok"
    act(site.file())
    told = site.run("status", "--live", status=3).stdout
    assert "drifted         1  motd: w1" in told
    assert f"{MOTD}: {why}" in told
    assert "→ matrix reflect motd --diff shows it, --apply puts it right" in told
    assert site.reflections(status=3)["w1"]["cause"] == f"{MOTD}: {why}", "it is remembered"
    assert site.reflections(status=3)["w2"]["result"] == "ok"
    differing = site.json("reflect", "motd", "--diff", status=1)
    assert {host["host"]: host["change"] for host in differing["hosts"]} == {"w1": change, "w2": "same"}
    if change == "mode":
        assert f"w1 ({why})" in site.run("reflect", "motd", "--diff", status=1).stdout
    site.run("reflect", "motd", "--apply")
    status = site.file().stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o640, 0, 0)
    assert site.reflections("--live")["w1"]["result"] == "ok"


@pytest.mark.parametrize(
    ("act", "why"), [(linked, "is a symbolic link to elsewhere on the host"), (folder, "is a folder on the host")]
)
def test_what_stands_in_its_place_is_told(site: Site, act: Callable[[Path], None], why: str) -> None:
    act(site.file())
    assert f"{MOTD} {why}" in site.reflections("--live", status=3)["w1"]["cause"]


def test_what_was_put_right_by_hand_is_well_again(site: Site) -> None:
    site.file().chmod(0o600)
    assert site.reflections("--live", status=3)["w1"]["result"] == "drifted"
    site.file().chmod(0o640)
    assert site.reflections("--live")["w1"]["result"] == "ok"


def test_a_file_that_could_not_be_asked_for_again_is_no_better_than_before(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where Ctrl-C comes after the hosts have told of their generations, or a host goes away then."""
    site.file().chmod(0o600)
    before = site.reflections("--live", status=3)
    monkeypatch.setattr(Rollout, "carry", unheard)
    assert before["w1"]["result"] == "drifted"
    assert site.reflections("--live", status=3) == before


def test_an_edit_that_is_not_applied_is_told_of_a_file_that_was_changed_too(site: Site) -> None:
    site.file().chmod(0o600)
    site.run("status", "--live", status=3)
    (site.folder / "MATRIX").write_text(TEXT.replace("red", "blue"))
    site.run("push")
    told = site.run("status", "--live", status=3).stdout
    assert "motd: not applied on w[1-2] as generation 2 wants it" in told
    assert f"{MOTD}: mode 0600, should be 0640" in told


def test_a_file_of_an_edit_that_nobody_applied_yet_is_no_drift_and_a_changed_one_of_it_is(site: Site) -> None:
    (site.folder / "MATRIX").write_text(TEXT.replace("red", "blue"))
    site.run("push")
    assert site.reflections("--live", status=3)["w1"]["result"] == "ok", "it is not in force, and no drift"
    site.file().write_text("# \nYou are on w1: blue.\n")
    assert site.reflections("--live", status=3)["w1"]["cause"] == f"{MOTD}: other content"


def test_a_file_that_was_never_applied_is_not_asked_for(site: Site) -> None:
    for host in ("w1", "w2"):
        site.file(host).unlink()
    (site.folder / ".matrix/state.db").unlink()
    for rest in (site.folder / ".matrix").glob("state.db-*"):
        rest.unlink()
    site.run("push", "--force")
    assert site.reflections("--live") == {}


def test_a_push_puts_right_what_goes_along_with_it(site: Site) -> None:
    Site(site.folder, site.fleet, "push = true")
    site.file().chmod(0o600)
    os.chown(site.file(), NOBODY, NOBODY)
    told = site.run("push").stdout
    assert "applied" in told
    assert "mode 0600, should be 0640, owner nobody:nogroup, should be root:root" in told
    assert site.reflections("--live")["w1"]["result"] == "ok"


def test_the_group_that_a_folder_gives_its_files_is_no_drift(site: Site) -> None:
    for host in ("w1", "w2"):
        os.chown(site.file(host).parent, 0, NOBODY)
        site.file(host).parent.chmod(0o2750)
        site.file(host).unlink()
    site.run("reflect", "motd", "--apply")
    assert site.file().stat().st_gid == NOBODY
    assert site.reflections("--live")["w1"]["result"] == "ok"
    os.chown(site.file(), 0, 0)
    cause = site.reflections("--live", status=3)["w1"]["cause"]
    assert cause == f"{MOTD}: owner root:root, should be root:nogroup"


def test_bindings_are_told_with_how_they_differ_and_the_command_that_puts_them_right(site: Site) -> None:
    binding = site.fleet.roots["w1"] / "etc/dsas.py"
    binding.chmod(0o600)
    told = site.run("status", "--live", status=3).stdout
    assert "drifted         1  w1" in told
    assert "changed by hand: /etc/dsas.py: mode 0600, should be 0644" in told
    assert "→ matrix push puts it right" in told
    assert "updated         1  w1" in site.run("push").stdout
    assert binding.stat().st_mode & 0o7777 == 0o644
    site.run("status", "--live")
