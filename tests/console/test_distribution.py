"""push, status, history, rollback and adopt as commands, against three hosts of an embedded fleet."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from matrix_site import CommandSite, embedded
from rich.console import Console

from matrix_common.trouble import Trouble
from matrix_console.main import matrix
from matrix_console.report.outcomes import print_outcomes
from matrix_distributor.embedded import FleetProcess
from matrix_distributor.hosts import Outcome

TEXT = """\
@matrix 1
[ps]
    w1  192.0.2.1
    w2  192.0.2.2  # edited
[db]
    db1  192.0.2.3  [STOP: disk]
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    yield from embedded(["w1", "w2", "db1"], tmp_path_factory)


class Site(CommandSite):
    def __init__(self, folder: Path, fleet: FleetProcess) -> None:
        super().__init__(folder, fleet, MATRIX=TEXT)
        self.matrix = folder / "MATRIX"
        self.configure()


@pytest.fixture
def site(fleet: FleetProcess, tmp_path: Path) -> Site:
    for name, root in fleet.roots.items():
        fleet.up(name)
        for folder in ("etc", "var"):
            shutil.rmtree(root / folder, ignore_errors=True)
    return Site(tmp_path, fleet)


def test_a_push_reports_every_host_once_folded(site: Site) -> None:
    lines = site.run("push").stdout.splitlines()
    assert lines[0].startswith("generation 1 (")
    assert lines[1].split() == ["updated", "3", "w[1-2],db1"]
    assert site.run("push").stdout.splitlines()[1].split() == ["current", "3", "w[1-2],db1"]


def test_for_programs_every_host_is_told_in_full(site: Site) -> None:
    answer = site.json("push")
    assert (answer["generation"], answer["new"]) == (1, True)
    assert [host["host"] for host in answer["hosts"]] == ["w1", "w2", "db1"]
    assert {host["result"] for host in answer["hosts"]} == {"updated"}


def test_a_host_that_is_down_makes_the_status_3_and_is_named_with_a_cure(site: Site, fleet: FleetProcess) -> None:
    site.run("push")
    fleet.down("w2")
    site.edit("# edited", "[WARN]")
    text = site.run("push", "--retry", "0", status=3).stdout
    assert "unreachable     1  w2" in text
    assert "connect: " in text
    assert "→ " in text
    status = site.run("status", status=3).stdout
    assert "has generation 1, last heard of" in status
    assert site.json("status", status=3)["current"] == 2
    fleet.up("w2")
    assert site.json("status", "--live", status=3)["hosts"][1]["result"] == "behind"
    site.run("push")
    site.run("status")


def test_when_none_can_be_reached_it_is_4(site: Site, fleet: FleetProcess) -> None:
    for name in fleet.roots:
        fleet.down(name)
    site.run("push", "--retry", "0", status=4)


def test_status_before_any_push_says_so_and_makes_no_state(site: Site) -> None:
    assert "nothing was pushed from here yet" in site.run("status", status=1).output
    assert not (site.folder / ".matrix").exists()


def test_a_dry_run_asks_and_sends_nothing(site: Site, fleet: FleetProcess) -> None:
    answer = site.json("push", "--dry-run")
    assert [step["action"] for step in answer["steps"]] == ["send"] * 3
    assert not (fleet.roots["w1"] / "etc").exists()
    assert "nothing would be sent" not in site.run("push", "--dry-run").stdout
    site.run("push")
    assert "nothing would be sent" in site.run("push", "--dry-run").stdout


def test_a_difference_is_shown_once_for_all_hosts_that_it_holds_for(site: Site) -> None:
    site.run("push")
    site.edit("# edited", "weight=77")
    text = site.run("push", "--dry-run", "--diff").stdout
    assert text.count("w[1-2],db1: /etc/dsas.json") == 1
    assert "77" in text
    changes = site.json("push", "--dry-run", "--diff")["differences"]
    assert {tuple(change["hosts"]) for change in changes} == {("w1", "w2", "db1")}


def test_canaries_by_number_or_by_selector(site: Site) -> None:
    site.run("push", "--canary", "1")
    site.edit("# edited", "[WARN]")
    site.run("push", "--canary", "db")
    assert "names none of the hosts" in site.run("push", "ps", "--canary", "db", status=2).output


def test_a_selector_narrows_a_push_and_an_unknown_name_is_wrong_usage(site: Site, fleet: FleetProcess) -> None:
    assert "1  db1" in site.run("push", "db").stdout
    assert not (fleet.roots["w1"] / "etc/dsas.conf").exists()
    assert "did you mean" in site.run("push", "dbb", status=2).output


def test_a_text_that_somebody_is_writing_is_told_of(site: Site) -> None:
    with site.matrix.open("a"):
        assert f"warning: {site.matrix} is open for writing" in site.run("push").stderr
    assert "warning" not in site.run("push").stderr


def test_the_fuse_of_hosts(site: Site) -> None:
    assert "3 hosts, more than the host limit of 2" in site.run("push", "--host-limit", "2", status=1).output
    site.run("push", "ps", "--host-limit", "2")


def test_removals_wait_for_a_person(site: Site) -> None:
    site.run("push")
    site.edit("[db]\n    db1  192.0.2.3  [STOP: disk]\n", "")
    assert "--accept-removals" in site.run("push", status=1).output
    assert "removes db1, db" in site.run("push", "--dry-run", status=1).stdout
    site.run("push", "--dry-run", "--accept-removals")
    site.run("push", "--accept-removals")
    site.edit("[ps]", "[db]\n    db1  192.0.2.3  [STOP: disk]\n[ps]")
    site.run("push")
    assert "accepted: matrix rollback --accept-removals" in site.run("rollback", status=1).output
    site.run("rollback", "--accept-removals")


def test_a_text_with_errors_is_shown_and_nothing_is_pushed(site: Site, fleet: FleetProcess) -> None:
    site.edit("# edited", "[STOPP]")
    output = site.run("push", status=1).output
    assert "error[M012]" in output
    assert not (fleet.roots["w1"] / "etc").exists()


def test_a_dry_run_knows_hosts_of_another_line_whatever_their_number(site: Site, tmp_path: Path) -> None:
    """Two origins of one fleet: the hosts hold the other's second generation, and ours is the third."""
    site.run("push")
    other = tmp_path / "other"
    shutil.copytree(site.folder, other, ignore=shutil.ignore_patterns("other"))
    twin = Site.__new__(Site)
    twin.folder, twin.matrix = other, other / "MATRIX"
    for place, reason in ((site, "fan"), (twin, "power")):
        place.edit("# edited", f"[WARN: {reason}]")
    twin.run("push")
    site.run("push", status=3)
    site.edit("fan", "fans")
    planned = site.run("push", "--dry-run", status=3).stdout
    assert "refused         3" in planned
    assert "has another generation 2 (" in planned
    assert "two origins" in site.run("status", "--live", status=3).stdout
    assert "refused         3" in site.run("push", status=3).stdout
    assert "send" in site.run("push", "--dry-run", "--force").stdout


def test_history_tells_what_changed_in_meaning(site: Site) -> None:
    site.run("push")
    site.edit("# edited", "[WARN: fan]")
    site.run("push")
    text = site.run("history").stdout
    assert text.splitlines()[0].startswith("2  ")
    assert "ann@adm1" in text
    assert "WARN" in text
    assert "3 hosts" in text.splitlines()[-1]
    assert [entry["generation"] for entry in site.json("history")] == [2, 1]
    assert len(site.json("history", "-n", "1")) == 1


def test_rollback_removes_no_file_that_a_text_merely_names(site: Site, tmp_path: Path) -> None:
    site.run("push")
    site.edit("# edited", "# again")
    site.run("push")
    other = tmp_path.with_name(f"{tmp_path.name}-precious")
    for content in ("root:x:0:0\n", "# no host\n"):
        other.write_text(content)
        other.chmod(0o644)
        site.matrix.write_text(f"@include {other}\n{TEXT}")
        site.run("rollback", "1")
        assert other.read_text() == content
        assert site.matrix.read_text() == TEXT
        site.edit("# edited", "# once more")
        site.run("push")


def test_rollback_is_a_new_generation_with_old_content(site: Site, fleet: FleetProcess) -> None:
    site.run("push")
    site.edit("# edited", "[WARN: fan]")
    site.run("push")
    assert "MATRIX" in site.run("rollback", "--dry-run").output
    assert "[WARN: fan]" in site.matrix.read_text()
    answer = site.json("rollback")
    assert (answer["generation"], answer["new"]) == (3, True)
    assert site.matrix.read_text() == TEXT
    assert "DSAS_GENERATION=3 " in (fleet.roots["w1"] / "etc/dsas.conf").read_text()
    assert "not in the history" in site.run("rollback", "9", status=1).output


def test_any_host_makes_a_new_origin(site: Site, fleet: FleetProcess, tmp_path: Path, over_ssh: bool) -> None:
    site.run("push")
    new = tmp_path / "new"
    source = "w1" if over_ssh else str(fleet.roots["w1"])
    result = CliRunner().invoke(matrix, ["adopt", source, "-o", str(new)])
    assert result.exit_code == 0, result.output
    assert "generation 1 " in result.output
    (past,) = site.json("history")
    assert (new / "MATRIX").read_text() == TEXT
    (new / "MATRIX").write_text(TEXT.replace("# edited", "[WARN]"))
    site.folder = new
    assert site.json("push")["generation"] == 2
    fleets = {entry["fleet"] for entry in (past, *site.json("history"), site.json("status"))}
    assert fleets == {past["fleet"]} != {""}


def test_an_ssh_configuration_that_is_not_there_is_wrong_usage(site: Site) -> None:
    (site.folder / "matrix.toml").write_text('[ssh]\nconfig = "missing"\n[push]\nlocal = false\n')
    site.run("push", status=2)


def test_hosts_with_the_same_trouble_share_a_line_and_one_alone_keeps_its_address() -> None:
    def refused(host: str, address: str) -> Outcome:
        return Outcome(
            host, "unreachable", trouble=Trouble("connect", f"{address} port 22: Connection refused", "start sshd")
        )

    def printed(*outcomes: Outcome) -> str:
        console = Console(file=io.StringIO(), width=200)
        print_outcomes(console, outcomes)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    shared = printed(refused("w1", "127.0.0.1"), refused("w2", "127.0.0.2"))
    assert [line.split() for line in shared.splitlines()] == [
        ["unreachable", "2", "w[1-2]"],
        ["connect:", "Connection", "refused"],
        ["→", "start", "sshd"],
    ]
    assert "connect: 127.0.0.1 port 22: Connection refused" in printed(refused("w1", "127.0.0.1"))


def test_what_the_next_release_refuses_is_named_by_the_status_with_the_line_that_allows_it(site: Site) -> None:
    site.edit("# edited", "httpd.root=/srv/www [httpd]")
    site.run("push")
    assert site.run("status").stdout.count("M092") == 1
    (notice,) = site.json("status")["notices"]
    assert "MATRIX:4:" in notice["where"]
    line = notice["paste"]
    toml = site.folder / "matrix.toml"
    toml.write_text(f"{toml.read_text()}[allow]\n{line}\n")
    assert site.json("status", status=3)["notices"] == [], "3, since matrix.toml was not pushed yet"
