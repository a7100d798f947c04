"""matrix reflect as a command, and what a push reflects along, against three hosts of an embedded fleet."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from matrix_site import BALANCED, MOTD_ENTRY, WITHOUT_PAUSE, CommandSite

from matrix_console.main import matrix
from matrix_distributor.embedded import FleetProcess

TEXT = f"@matrix 1\n{BALANCED}"
MOTD = "# {{ header }}\nYou are on {{ host.name }}: {{ host.colour }}.\n"
REFLECT = f"""\
{WITHOUT_PAUSE}[reflect.keepalived]
path = "/etc/lb/keepalived.conf"
check = "test -s %s"
apply = "cat $DSAS_ROOT/etc/lb/keepalived.conf >>$DSAS_ROOT/log"
{MOTD_ENTRY}check = "grep -q colour %s || ! grep -q bad %s"
"""


class Site(CommandSite):
    def __init__(self, folder: Path, fleet: FleetProcess) -> None:
        super().__init__(folder, fleet, **{"MATRIX": TEXT, "templates/motd.j2": MOTD})
        self.settings()

    def settings(self, more: str = REFLECT) -> None:
        self.configure(more)

    def held(self, host: str, path: str = "/etc/lb/keepalived.conf") -> str:
        place = self.fleet.roots[host] / path[1:]
        return place.read_text() if place.exists() else ""


@pytest.fixture
def site(fleet: FleetProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("DSAS_SELF", "w1")
    for name, root in fleet.roots.items():
        fleet.up(name)
        for item in ("etc", "var", "log", "begun", "go"):
            shutil.rmtree(root / item, ignore_errors=True) if (root / item).is_dir() else (root / item).unlink(True)
    return Site(tmp_path, fleet)


def test_without_a_name_it_lists_what_there_is(site: Site) -> None:
    lines = {line.split()[0]: line for line in site.run("reflect").stdout.splitlines()}
    assert lines["motd"].split() == ["motd", "lv[1-2]", "/etc/motd"]
    assert "none (httpd)" in lines["httpd"]
    listed = {entry["name"]: entry for entry in site.json("reflect")}
    assert (listed["motd"]["hosts"], listed["httpd"]["hosts"]) == (["lv1", "lv2"], None)
    assert listed["keepalived"]["path"] == "/etc/lb/keepalived.conf"


def test_it_prints_the_text_for_this_machine(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSAS_SELF", "lv2")
    assert "router_id lv2\n" in site.run("reflect", "keepalived").stdout


def test_it_prints_the_text_for_one_host_and_writes_it_to_a_file(site: Site, tmp_path: Path) -> None:
    site.edit("[lv.master]", "[lv.master] colour=red")
    site.edit("[lv.backup]", "[lv.backup] colour=blue")
    text = site.run("reflect", "motd", "--for", "lv2").stdout
    assert text.startswith("# MATRIX generation 1, digest ")
    assert text.endswith("You are on lv2: blue.\n")
    out = tmp_path / "out"
    assert site.run("reflect", "motd", "--for", "lv2", "-o", str(out)).stdout == ""
    assert out.read_text() == text
    assert site.json("reflect", "motd", "--for", "lv1")["content"].endswith("on lv1: red.\n")
    assert not (site.folder / ".matrix").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("keeplived",), 2, "nothing is called keeplived here; did you mean keepalived?"),
        (("keepalived", "--for", "w1"), 2, "--for w1 names none of the hosts that keepalived is for: lv[1-2]"),
        (("keepalived",), 2, "this machine is none of the hosts that keepalived is for: --for one of lv[1-2]"),
        (("keepalived", "--for", "lv"), 2, "lv[1-2] have different texts of keepalived: --for one of them"),
        (("keepalived", "--for", "lv9"), 2, "lv9"),
        (("motd", "--for", "lv1"), 1, "motd: motd.j2:2 (for lv1): host lv1 has no colour; write colour=…"),
        (("httpd",), 1, "httpd: reflect.httpd.hosts is 'httpd'"),
        (("keepalived", "--check", "--apply"), 2, "only one of -o, --check, --diff and --apply"),
        (("keepalived", "--dry-run"), 2, "--dry-run says what --apply would do: give both"),
        (("--apply",), 2, "a NAME is missing"),
    ],
)
def test_what_it_cannot_do_is_told_with_the_way_out(
    site: Site, arguments: tuple[str, ...], status: int, message: str
) -> None:
    assert message in site.run("reflect", *arguments, status=status).stderr


def test_a_wrong_table_in_the_settings_is_told(site: Site) -> None:
    site.settings('[reflect.motd]\ntemplate = "motd.j2"\nhots = "lv"\n')
    assert "reflect.motd.hots: there is no such setting; did you mean hosts?" in site.run("reflect", status=2).stderr
    site.settings('[reflect]\ntemplates = "/elsewhere"\n')
    assert (
        "reflect.templates: /elsewhere is no folder in that of the MATRIX"
        in site.run("reflect", "hosts", status=2).stderr
    )


def test_check_runs_the_check_here_on_a_copy(site: Site) -> None:
    site.edit("@matrix 1", "@matrix 1\n@default colour=red")
    assert site.run("reflect", "motd", "--check").stdout == "lv1: good\nlv2: good\n"
    site.edit("colour=red", "colour=bad")
    site.edit("grep -q colour %s || ! grep -q bad %s", "cat %s; ! grep -q bad %s", "matrix.toml")
    lines = site.run("reflect", "motd", "--check", "--for", "lv1", status=1).stdout.splitlines()
    assert (lines[0], lines[-1]) == ("lv1: it ended with status 1", "    You are on lv1: bad.")
    site.edit("cat %s;", "no-such-program %s &&", "matrix.toml")
    site.edit("! grep -q bad %s", "true", "matrix.toml")
    (told,) = site.json("reflect", "motd", "--check", "--for", "lv1", status=1)
    assert told["cause"] == "its program is not installed here; --apply asks that of each host"


def test_diff_shows_each_version_once_and_apply_brings_it(site: Site) -> None:
    site.edit("@matrix 1", "@matrix 1\n@default colour=red")
    for name in ("lv1", "lv2"):
        place = site.fleet.roots[name] / "etc/motd"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"You are on {name}: red.\n\nYou are on a host: blue.\n")
    site.edit("{{ host.colour }}.\n", "red.\n\nYou are on a host: {{ host.colour }}.\n", "templates/motd.j2")
    shown = site.run("reflect", "motd", "--diff", status=1).stdout
    assert shown.count("-You are on a host: blue.\n+You are on a host: red.\n") == 1
    assert shown.startswith("lv[1-2]: /etc/motd\n")
    assert site.json("reflect", "motd", "--apply", "--dry-run")["hosts"][0]["change"] == "content"
    assert "blue" in site.held("lv1", "/etc/motd")
    site.run("reflect", "motd", "--apply")
    assert site.held("lv1", "/etc/motd").endswith("You are on a host: red.\n")
    assert site.run("reflect", "motd", "--diff").stdout.split() == ["same", "2", "motd:", "lv[1-2]"]


def test_apply_says_who_has_what_and_status_remembers_it(site: Site) -> None:
    told = site.run("reflect", "keepalived", "--apply").stdout.splitlines()
    assert told == ["  applied         2  keepalived: lv[1-2] (a new file)"]
    assert site.run("reflect", "keepalived", "--apply").stdout.split()[0] == "same"
    assert site.held("lv1").startswith("# MATRIX generation 1, digest ")
    assert site.held("lv1", "/log") == site.held("lv1")
    site.edit('check = "test -s %s"', 'check = "echo line 7; exit 3"', "matrix.toml")
    site.edit("weight=10\n    w2", "weight=20\n    w2")
    lines = site.run("reflect", "keepalived", "--apply", status=3).stdout.splitlines()
    assert [line.strip() for line in lines] == [
        "failed          1  keepalived: lv2",
        "check: its check ended with status 3; nothing was changed",
        "| line 7",
        "→ run the check by hand: matrix reflect keepalived --check",
        "not begun       1  keepalived: lv1",
        "stop: stopped, since lv2 failed",
    ]
    told = site.run("status", status=3).stdout
    assert "keepalived: lv2" in told
    assert "its check ended with status 3" in told
    facts = {(fact["entry"], fact["host"]): fact for fact in site.json("status", status=3)["reflections"]}
    assert facts["keepalived", "lv1"]["result"] == "not begun"
    assert facts["keepalived", "lv2"]["stage"] == "check"
    assert facts["keepalived", "lv2"]["applied"]


def test_what_takes_most_members_away_waits_for_a_person(site: Site) -> None:
    site.run("reflect", "keepalived", "--apply")
    before = site.held("lv1")
    site.edit("w2  192.0.2.12 weight=10", "w2  192.0.2.12 weight=10 [STOP]")
    site.edit("w3  192.0.2.13 weight=10", "w3  192.0.2.13 weight=10 [STOP: rack]")
    for more in (("--dry-run",), ()):
        result = site.run("reflect", "keepalived", "--apply", *more, status=3)
        assert "203.0.113.80:80" in result.stdout
        assert "loses 2 of its 3 members: w2, w3" in result.stdout
        assert "matrix reflect keepalived --apply --accept-removals" in result.stdout
    assert site.held("lv1") == before
    site.run("reflect", "keepalived", "--apply", "--accept-removals")
    assert "192.0.2.12" not in site.held("lv1")


def test_a_push_reflects_what_the_settings_say_so_that_a_state_reaches_the_load_balancer(site: Site) -> None:
    site.settings(REFLECT.replace("[reflect.motd]", "push = true\n[reflect.motd]"))
    site.edit(
        "    w2  192.0.2.12 weight=10\n    w3  192.0.2.13 weight=10\n", "    w2  192.0.2.12\n    w3  192.0.2.13\n"
    )
    planned = site.run("push", "lv", "--dry-run").stdout
    assert "would apply     2  keepalived: lv[1-2] (a new file)" in planned
    assert site.held("lv1") == ""
    assert "applied         2  keepalived: lv[1-2] (a new file)" in site.run("push", "lv").stdout
    assert "192.0.2.12" in site.held("lv1")
    site.edit("w2  192.0.2.12", "w2  192.0.2.12 [STOP: disk]")
    pushed = site.json("push", "lv")
    assert [(one["host"], one["change"]) for one in pushed["reflections"]] == [("lv2", "content"), ("lv1", "content")]
    assert "192.0.2.12" not in site.held("lv1")
    assert site.held("lv1").startswith("# MATRIX generation 2, digest ")
    assert site.json("push", "lv")["reflections"][0]["change"] == "same"
    site.run("push", "w1")
    site.fleet.down("lv2")
    site.edit("[STOP: disk]", "")
    assert site.run("push", "lv", "--retry", "0", status=3).stdout.splitlines()[-1].split()[:4] == [
        "applied", "1", "keepalived:", "lv1",
    ]  # fmt: skip
    assert "192.0.2.12" in site.held("lv1")


def test_a_reflection_that_fails_shows_in_the_exit_status_of_a_push_and_keeps_no_generation_back(site: Site) -> None:
    site.settings(REFLECT.replace("[reflect.motd]", "push = true\n[reflect.motd]\npush = true"))
    told = site.run("push", "lv", status=3)
    assert "failed           motd: motd.j2:2 (for lv1): host lv1 has no colour" in told.stdout
    assert "applied         2  keepalived: lv[1-2]" in told.stdout
    assert "updated         2  lv[1-2]" in told.stdout


def test_the_account_that_takes_generations_alone_is_refused(site: Site) -> None:
    site.settings('account = "dsas"\n' + REFLECT.replace("[reflect.motd]", "push = true\n[reflect.motd]"))
    for arguments in (("push",), ("rollback",), ("watch",)):
        told = site.run(*arguments, status=2).stderr
        assert "reflect.keepalived has push = true, but the account of push.account takes generations" in told
    told = site.run("reflect", "keepalived", "--apply", status=2).stderr
    assert "MATRIX_PUSH_ACCOUNT= matrix reflect keepalived" in told
    assert "keepalived" in site.run("reflect", "keepalived", "--for", "lv1").stdout


def test_own_templates_travel_with_a_generation_and_come_back_with_adopt_and_rollback(
    site: Site, tmp_path: Path
) -> None:
    site.run("push")
    held = site.fleet.roots["lv1"] / "var/lib/dsas"
    site.edit("You are", "Welcome, you are", "templates/motd.j2")
    assert site.json("push")["generation"] == 2
    folder = tmp_path / "adopted"
    result = CliRunner().invoke(matrix, ["adopt", str(held), "-o", str(folder)])
    assert result.exit_code == 0, result.output
    assert (folder / "templates/motd.j2").read_text() == MOTD.replace("You are", "Welcome, you are")
    site.run("rollback")
    assert (site.folder / "templates/motd.j2").read_text() == MOTD


def test_ctrl_c_leaves_a_good_file_in_force_and_begins_no_further_host(site: Site) -> None:
    root = site.fleet.roots["lv2"]
    site.edit(
        'apply = "', 'apply = "touch $DSAS_ROOT/begun; until [ -e $DSAS_ROOT/go ]; do sleep 0.05; done; ', "matrix.toml"
    )
    command = [sys.executable, "-m", "matrix_console", "reflect", "keepalived", "--apply", "-f", str(site.folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not (root / "begun").exists():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "no further host is begun" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "interrupted     1  keepalived: lv2" in out
    assert "not begun       1  keepalived: lv1" in out
    (root / "go").touch()
    while list((root / "etc/lb").glob(".dsas*")):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert site.held("lv2", "/log") == site.held("lv2") != ""
    assert site.held("lv1") == ""


def test_a_program_that_is_not_allowed_keeps_its_own_configuration_back_and_nothing_else(site: Site) -> None:
    pushed = REFLECT.replace("[reflect.keepalived]", "[reflect.keepalived]\npush = true")
    site.settings(pushed)
    site.run("push")
    conf = site.fleet.roots["lv1"] / "etc/lb/keepalived.conf"
    before = conf.read_bytes()
    site.edit("check=tcp", 'check="misc:/opt/checks/page 80"')
    told = site.run("check").output
    assert "warning[M091]" in told
    assert 'put under [allow] in matrix.toml: programs = ["/opt/checks/page"]' in told
    answer = site.json("push", status=3)
    assert [each["entry"] for each in answer["unmade"]] == ["keepalived"]
    assert {host["result"] for host in answer["hosts"]} <= {"ok", "installed", "updated", "current"}
    assert "/opt/checks/page" in (site.fleet.roots["w1"] / "etc/dsas.json").read_text()
    assert conf.read_bytes() == before
    assert "is not allowed" in site.run("reflect", "keepalived", "--for", "lv1", status=1).output
    site.settings(f'{pushed}[allow]\nprograms = ["/opt/checks/"]\n')
    assert "M091" not in site.run("check").output
    site.run("push")
    assert b"/opt/checks/page" in conf.read_bytes()
