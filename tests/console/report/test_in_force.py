"""`matrix status` without a daemon: what is written and not in force, hosts not heard of yet, reflected files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from matrix_site import BALANCED, HOSTS, MOTD_ENTRY, WITHOUT_PAUSE, CommandSite

from matrix_console.in_force import Standing
from matrix_console.main import matrix
from matrix_distributor.embedded import FleetProcess
from matrix_distributor.enroll import enrolment_mark
from matrix_distributor.state import OriginState

TEXT = f"@matrix 1\n@include matrix.d/*.matrix\n{BALANCED}"
FILES = {
    "MATRIX": TEXT,
    "matrix.d/one.matrix": "# nothing yet\n",
    "templates/motd.j2": "# {{ header }}\nthis is {{ host.name }}\n",
}
REFLECT = f'{WITHOUT_PAUSE}{MOTD_ENTRY}check = "test ! -e $DSAS_ROOT/etc/broken"\n'


class Site(CommandSite):
    def __init__(self, folder: Path, fleet: FleetProcess) -> None:
        super().__init__(folder, fleet, **FILES)
        self.settings()

    def settings(self, more: str = "") -> None:
        self.configure(more, author="a@b")

    def status(self, status: int = 0) -> Any:
        return self.json("status", status=status)

    def pending(self, status: int) -> list[tuple[str, str, str]]:
        answer = self.status(status)
        assert answer["in_force"] == (not answer["pending"])
        return [(each["kind"], each["cause"], each["cure"]) for each in answer["pending"]]


@pytest.fixture
def site(fleet: FleetProcess, tmp_path: Path) -> Site:
    for name, root in fleet.roots.items():
        fleet.up(name)
        for folder in ("etc", "var"):
            while (root / folder).exists():  # a host may be compiling its Python binding still
                shutil.rmtree(root / folder, ignore_errors=True)
            (root / folder).mkdir()
    return Site(tmp_path, fleet)


def test_a_text_that_somebody_is_writing_is_not_judged_by_the_half_that_is_there(site: Site) -> None:
    """Without its last lines it removes hosts, and the command that accepts this must not be offered."""
    site.run("push")
    whole = (site.folder / "MATRIX").read_text()
    with (site.folder / "MATRIX").open("w") as writer:
        writer.write(whole[: whole.index("[ps]")])
        writer.flush()
        ((kind, cause, cure),) = site.pending(3)
        assert (kind, cause.partition(" is ")[2]) == (
            "not-pushed",
            "open for writing, so that what can be read may be half of it",
        )
        assert cure.startswith("fuser -v ")
    assert [kind for kind, _, _ in site.pending(3)] == ["removals"]


@pytest.mark.parametrize("name", ["MATRIX", "matrix.d/one.matrix", "matrix.toml", "templates/motd.j2"])
def test_every_text_that_is_other_than_in_the_generation_is_named(site: Site, name: str) -> None:
    site.run("push")
    assert site.pending(0) == []
    path = site.folder / name
    before = path.read_text()
    path.write_text(before + "# a remark\n")
    cause = f"{name} is other than in generation 1, the newest"
    assert site.pending(3) == [("newer", cause, "matrix push")]
    lines = site.run("status", status=3).stdout.splitlines()
    assert lines[:2] == [f"not in force: {cause}", "    → matrix push"]
    assert lines[2].startswith("generation 1 (")
    path.write_text(before)
    assert site.pending(0) == [], "what counts is the content"


def test_a_text_that_joins_and_one_that_leaves_are_named(site: Site) -> None:
    site.run("push")
    (site.folder / "matrix.d/two.matrix").write_text("# another\n")
    (site.folder / "templates/motd.j2").unlink()
    ((_, cause, _),) = site.pending(3)
    assert cause.startswith("matrix.d/two.matrix, templates/motd.j2 are other than in generation 1")


def test_a_program_that_makes_other_files_from_the_same_text_is_no_silence(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made anew where this very program has made the generation."""
    site.run("push")
    monkeypatch.setattr("matrix_distributor.generation.generation.build", lambda *arguments: ())
    assert site.pending(0) == []
    monkeypatch.setattr("matrix_distributor.origin.origin.program", lambda: "another")
    ((kind, cause, cure),) = site.pending(3)
    assert (kind, cure) == ("newer", "matrix push")
    assert "makes other files from the same text" in cause


@pytest.mark.parametrize(
    ("old", "new", "kind", "cure"),
    [
        ("[lv.master]", "[lv.mast", "errors", "matrix check"),
        ("    w3  192.0.2.13 weight=10\n    ", "", "errors", "matrix check"),
        (
            "    w2  192.0.2.12 weight=10\n    w3  192.0.2.13 weight=10\n",
            "",
            "removals",
            "matrix push --accept-removals",
        ),
        ("[lv.backup]", "[lv.backup] [WARM: fan]", "errors", "matrix check"),
    ],
)
def test_what_keeps_an_edit_from_being_pushed_is_said_with_the_command_that_goes_on(
    site: Site, old: str, new: str, kind: str, cure: str
) -> None:
    site.run("push")
    if old.endswith("    "):
        (site.folder / "matrix.d/one.matrix").unlink()
        (site.folder / "matrix.d/one.matrix").mkdir()  # an include that cannot be read
    else:
        site.edit(old, new)
    ((found, cause, how),) = site.pending(3)
    assert (found, how) == (kind, cure), cause
    assert site.run("push", status=1).output


def test_more_hosts_than_the_limit_and_settings_that_cannot_be_are_said(site: Site) -> None:
    site.run("push")
    site.settings("host_limit = 2\n")
    kinds = [kind for kind, _, _ in site.pending(3)]
    assert kinds == ["not-pushed", "newer"]
    site.settings('[reflect]\ntemplates = "/srv/elsewhere"\n')
    ((kind, cause, _),) = site.pending(3)
    assert (kind, "is no folder in that of the MATRIX" in cause) == ("not-pushed", True)


def test_a_generation_that_was_made_and_pushed_to_nobody_makes_no_host_behind(site: Site) -> None:
    site.settings(REFLECT)
    site.run("push")
    site.edit("w1  192.0.2.11 weight=10", "w1  192.0.2.11 weight=20")
    site.run("reflect", "motd", "--apply")
    cause = "generation 2 was made, and brought to no host yet"
    assert site.pending(3) == [("unpushed", cause, "matrix push")]
    answer = site.status(3)
    assert (answer["generation"], answer["current"]) == (1, 5), "every host holds what was last pushed"
    assert "behind" not in site.run("status", "--live", status=3).stdout
    assert site.pending(3) == [("unpushed", cause, "matrix push")]
    site.run("push", "lv")
    answer = site.status(3)
    assert (answer["generation"], answer["current"], answer["pending"]) == (2, 2, [])
    site.run("push")
    assert site.pending(0) == []


def test_after_adopt_what_is_known_is_said_and_what_is_not(
    site: Site, fleet: FleetProcess, tmp_path: Path, over_ssh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.run("push")
    monkeypatch.setenv("MATRIX_PUSH_LOCAL", "false")
    (fleet.roots["w2"] / "etc/dsas.conf").write_text("by hand\n")
    site.folder = tmp_path / "new"
    source = "w2" if over_ssh else str(fleet.roots["w2"])
    assert CliRunner().invoke(matrix, ["adopt", source, "-o", str(site.folder)]).exit_code == 0
    found = {host["host"]: host for host in site.status(3)["hosts"]}
    assert {host: found[host]["result"] for host in ("lv1", "lv2", "w1", "w3")} == dict.fromkeys(
        ("lv1", "lv2", "w1", "w3"), "unknown"
    )
    assert "nothing is known of it here yet" in found["w1"]["cause"]
    assert found["w2"]["result"] == ("drifted" if over_ssh else "unknown")
    site.run("status", "--live", status=3)
    found = {host["host"]: host["result"] for host in site.status(3)["hosts"]}
    assert found == {**dict.fromkeys(HOSTS, "current"), "w2": "drifted"}


def test_a_host_that_an_entry_is_for_no_more_is_no_failure_of_it(site: Site, fleet: FleetProcess) -> None:
    site.settings(REFLECT + "push = true\n")
    (fleet.roots["lv2"] / "etc/broken").write_text("")
    site.run("push", status=3)
    assert [record["host"] for record in site.status(3)["reflections"]] == ["lv1", "lv2"]
    site.edit("[lv.backup]", "[lv.backup] [STOP: disk]")
    site.settings(REFLECT.replace('"lv"', '"lv!STOP"') + "push = true\n")
    site.run("push")
    assert [(record["host"], record["result"]) for record in site.status()["reflections"]] == [("lv1", "ok")]
    site.settings(REFLECT.replace('"lv"', '"lv!STOP"').replace("/etc/motd", "/etc/issue") + "push = true\n")
    assert site.status(3)["reflections"] == [], "of that path nothing is known"


def test_a_reflected_file_that_an_edit_changed_is_not_in_force_until_it_is_applied(site: Site) -> None:
    site.settings(REFLECT)
    site.run("push")
    assert site.pending(0) == [], "it goes along with no push, and was never applied"
    site.run("reflect", "motd", "--apply")
    site.edit("weight=10", "weight=20")
    site.run("push")
    assert site.pending(0) == [], "another generation with the same file"
    site.edit("this is", "here is", "templates/motd.j2")
    site.run("push")
    cause = "motd: not applied on lv[1-2] as generation 3 wants it"
    assert site.pending(3) == [("reflection", cause, "matrix reflect motd --apply")]
    site.run("reflect", "motd", "--apply")
    assert site.pending(0) == []


def test_an_entry_that_can_make_nothing_is_said_as_long_as_it_goes_along_with_pushes(site: Site) -> None:
    site.settings(REFLECT + "push = true\n")
    site.edit("host.name", "host.colour", "templates/motd.j2")
    site.run("push", status=3)
    ((kind, cause, cure),) = site.pending(3)
    assert (kind, cure) == ("reflection", "matrix reflect motd")
    assert "has no colour" in cause
    site.settings(REFLECT)
    site.run("push")
    assert site.pending(0) == []


def test_what_is_not_allowed_is_named_though_it_is_refused_at_once(site: Site) -> None:
    site.edit("check=tcp", "check=misc:/tmp/x")
    site.run("push")
    told = site.run("status").stdout
    assert "refused: MATRIX:6:" in told.replace(str(site.folder) + "/", "")
    assert "M091" in told
    (refused,) = site.status()["refused"]
    assert "/tmp/x" in refused["cause"]


def test_hosts_that_another_release_has_enrolled_are_named_with_the_command_to_paste(site: Site) -> None:
    site.run("push")
    with OriginState(site.folder / ".matrix") as state:
        state.enrolments.enrolled(["w1", "w2"], "")
        state.enrolments.enrolled(["w3"], enrolment_mark())
    assert "enrolled by another release" not in site.run("status").stdout, "no account is used here"
    site.settings('account = "dsas"\n')
    told = site.run("status", status=3).stdout
    assert "notice: enrolled by another release: w[1-2]; with your own login: matrix enroll 'w[1-2]'" in told
    assert site.status(3)["enrolled_elsewhere"] == ["w1", "w2"]
    with OriginState(site.folder / ".matrix") as state:
        state.enrolments.enrolled(["w1"], enrolment_mark())
        state.enrolments.dismissed(["w2"])
    assert site.status(3)["enrolled_elsewhere"] == []


def test_what_is_pushed_while_it_looks_makes_no_host_behind(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.run("push")
    aimed = OriginState.aimed

    def and_then_somebody_pushes(state: OriginState) -> int:
        monkeypatch.undo()
        found = aimed(state)
        site.edit("weight=10", "weight=11")
        site.run("push")
        return found

    monkeypatch.setattr(OriginState, "aimed", and_then_somebody_pushes)
    answer = json.loads(CliRunner().invoke(matrix, ["status", "--json", "-f", str(site.folder)]).stdout)
    assert (answer["generation"], answer["current"]) == (1, len(HOSTS))
    assert [(each["kind"], each["cause"]) for each in answer["pending"]] == [
        ("newer", "MATRIX is other than in generation 1, the newest")
    ]
    assert site.pending(0) == []


@pytest.mark.parametrize("name", ["matrix.d/two.matrix", "templates/motd.j2", "matrix.toml"])
def test_a_text_that_is_gone_counts_from_when_it_went(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon has as long to see to it as to any other edit."""
    (site.folder / "matrix.d/two.matrix").write_text("# another\n")
    site.run("push")
    (site.folder / name).unlink()
    since: list[float] = []
    monkeypatch.setattr(Standing, "under_way", lambda _self, then, _more=0.0: bool(since.append(then)))
    site.run("status", status=3)
    assert (site.folder / name).parent.stat().st_mtime in since
