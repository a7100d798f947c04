"""`matrix scan`: what hosts show beside what is known, and the MATRIX's keys taken over into known_hosts."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from matrix_site import CommandSite

sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))

from fleet_fixtures import sshd_hosts
from ssh_talk import keygen
from sshd_fleet import PORT, SshdFleet

from matrix_console.main import matrix


@pytest.fixture(scope="module")
def hosts() -> Iterator[SshdFleet]:
    yield from sshd_hosts(3, "ssh", "ssh-keygen")


class Site(CommandSite):
    """Three hosts: known_hosts knows another key of h1, the key of h2, and nothing of h3."""

    def __init__(self, folder: Path, fleet: SshdFleet) -> None:
        super().__init__(folder, fleet)
        self.known_hosts = folder / "known_hosts"
        keygen("-t", "ed25519", "-N", "", "-f", folder / "old")
        self.old = " ".join((folder / "old.pub").read_text().split()[:2])
        self.known_hosts.write_text(
            f"# ours\n{self.place('h1')},[h1]:{PORT} {self.old}\n{self.place('h2')} {fleet.host_key('h2')}\n"
        )
        self.settings = f'[ssh]\nconfig = "{fleet.ssh_config}"\nagent = false\nknown_hosts = "known_hosts"\n'
        (folder / "matrix.toml").write_text(self.settings + '[push]\nlocal = false\nauthor = "ann@adm1"\n')
        self.give(h1=fleet.host_key("h1"))

    def give(self, **keys: str) -> None:
        rows = [f"h{n} 127.0.0.{n} [ps]{self._key(keys.get(f'h{n}', ''))}\n" for n in (1, 2, 3)]
        (self.folder / "MATRIX").write_text("@matrix 1\n" + "".join(rows))

    def _key(self, key: str) -> str:
        return f' ssh.hostkey="{key}"' if key else ""

    def place(self, name: str) -> str:
        return f"[{self.fleet.address(name)}]:{PORT}"

    def results(self, *arguments: str, status: int) -> dict[str, str]:
        return {host: one["result"] for host, one in self.hosts(*arguments, status=status).items()}

    def hosts(self, *arguments: str, status: int) -> dict[str, dict[str, Any]]:
        answer = self.json("scan", *arguments, status=status)
        return {one["host"]: one for one in answer["hosts"]}


@pytest.fixture
def site(hosts: SshdFleet, tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path, hosts)
    hosts.heal()


def fingerprint(key: str, folder: Path) -> str:
    (folder / "asked.pub").write_text(key + "\n")
    listed = subprocess.run(["ssh-keygen", "-lf", folder / "asked.pub"], check=True, capture_output=True, text=True)
    return listed.stdout.split()[1]


def test_each_host_is_shown_with_its_key_beside_those_that_are_known(site: Site) -> None:
    before = site.known_hosts.read_bytes()
    lines = site.run("scan", status=1).stdout.splitlines()
    shown, old = fingerprint(site.fleet.host_key("h1"), site.folder), fingerprint(site.old, site.folder)
    assert lines[0].split()[:4] == ["h1", "changed", "ssh-ed25519", shown]
    assert f"known_hosts: {old} ({site.known_hosts}:2)  MATRIX: this (" in lines[0]
    assert f"{site.folder}/MATRIX:2)" in lines[0]
    assert "→ if the host was installed anew: matrix scan --replace h1" in "\n".join(lines)
    assert site.known_hosts.read_bytes() == before
    facts = site.hosts(status=1)
    assert {host: one["result"] for host, one in facts.items()} == {"h1": "changed", "h2": "same", "h3": "new"}
    assert facts["h1"]["known_hosts"][0] == {
        "type": "ssh-ed25519", "fingerprint": old, "where": f"{site.known_hosts}:2", "marker": "",
    }  # fmt: skip
    assert lines[-1] == "3 hosts: 1 changed, 1 same, 1 new"


def test_no_key_of_ours_is_needed_for_a_look(site: Site) -> None:
    site.fleet.fault("denied", "h2")
    assert site.results("h2", status=0) == {"h2": "same"}


def test_a_host_that_shows_none_is_3_and_when_none_does_it_is_4(site: Site) -> None:
    site.fleet.fault("refuse", "h1")
    assert site.results("h1", "h2", status=3) == {"h1": "unreachable", "h2": "same"}
    assert "connect: " in site.run("scan", "h1", status=4).stdout


def test_new_keys_are_added_when_asked_for_and_changed_ones_never(site: Site) -> None:
    before = site.known_hosts.read_text()
    assert site.results("--accept-new", status=1) == {"h1": "changed", "h2": "same", "h3": "added"}
    assert site.known_hosts.read_text() == f"{before}{site.place('h3')},[h3]:{PORT} {site.fleet.host_key('h3')}\n"
    assert site.results("h2", "h3", status=0) == {"h2": "same", "h3": "same"}


def test_a_key_that_the_matrix_alone_gives_is_known_and_one_that_only_it_gives_wrongly_is_told(site: Site) -> None:
    site.give(h2=site.old, h3=site.fleet.host_key("h3"))
    facts = site.hosts("h2", "h3", status=1)
    assert facts["h3"]["result"] == "same"
    assert facts["h2"]["result"] == "changed"
    assert f'ssh.hostkey="{site.fleet.host_key("h2")}"' in facts["h2"]["cure"]


def test_the_keys_of_the_matrix_take_the_place_of_the_old_ones_for_exactly_these_hosts(site: Site) -> None:
    push = site.run("push", "--retry", "0", status=3).stdout
    assert "matrix scan --replace h1" in push
    site.give(h1=site.fleet.host_key("h1"), h3=site.fleet.host_key("h3"))
    before = site.known_hosts.read_text()
    told = site.run("scan", "--replace", "h1", "--yes")
    assert "since generation 1, made " in told.stderr
    assert "by ann@adm1" in told.stderr
    assert fingerprint(site.old, site.folder) in told.stderr
    rest = f"# ours\n{site.place('h2')} {site.fleet.host_key('h2')}\n"
    assert site.known_hosts.read_text() == f"{rest}{site.place('h1')},[h1]:{PORT} {site.fleet.host_key('h1')}\n"
    assert (site.folder / "known_hosts.old").read_text() == before
    assert site.results("--replace", "h1", "--yes", status=0) == {"h1": "same"}
    assert site.results("h1", status=0) == {"h1": "same"}


def test_who_brought_a_key_into_the_text_is_told_as_far_as_it_is_known(site: Site) -> None:
    in_none = site.run("scan", "--replace", "h1", "--yes").stderr
    assert f"in no generation yet; {site.folder}/MATRIX belongs to root, and was last written" in in_none
    assert "by whom is not known" in in_none
    site.give()
    for number in range(12):
        (site.folder / "matrix.toml").write_text(f'{site.settings}[push]\nlocal = false\nauthor = "bob{number}@x"\n')
        with (site.folder / "MATRIX").open("a") as file:
            file.write(f"# {number}\n")
        if number == 3:
            site.give(h1=site.fleet.host_key("h1"))
        site.run("push", "h2", "--force")
    site.known_hosts.write_text(f"{site.place('h1')} {site.old}\n")
    told = site.run("scan", "--replace", "h1", "--yes").stderr
    assert "since generation 4, made " in told
    assert "by bob3@x" in told


def test_nothing_is_replaced_by_a_key_that_the_host_does_not_show_or_the_matrix_does_not_give(site: Site) -> None:
    before = site.known_hosts.read_bytes()
    site.give(h1=site.old)
    assert site.results("--replace", "h1", "--yes", status=1) == {"h1": "kept"}
    site.give()
    told = site.run("scan", "--replace", "h1", "--yes", status=1).stdout
    assert "gives this host no ssh.hostkey" in told
    assert "→ write the host's own" in told
    site.give(h1=site.fleet.host_key("h1"))
    site.known_hosts.write_bytes(before + f"@revoked * {site.fleet.host_key('h1')}\n".encode())
    assert site.results("--replace", "h1", "--yes", status=1) == {"h1": "revoked"}
    site.fleet.fault("refuse", "h1")
    assert site.results("--replace", "h1", "--yes", status=4) == {"h1": "unreachable"}
    assert site.known_hosts.read_bytes().startswith(before)
    assert not (site.folder / "known_hosts.old").exists()


def test_a_line_that_stands_for_other_hosts_too_stays_and_is_told(site: Site) -> None:
    line = f"[127.*]:{PORT} {site.old}\n"
    site.known_hosts.write_text(line)
    out = site.run("scan", "--replace", "h1", "--yes").stdout
    assert f"stays, and is known of this one as before: {site.known_hosts}:1" in out
    assert site.known_hosts.read_text().startswith(line)
    assert site.results("--replace", "h1", "--yes", status=0) == {"h1": "same"}


def test_known_hosts_that_cannot_be_written_is_told(site: Site) -> None:
    (site.folder / "matrix.toml").write_text(site.settings.replace('"known_hosts"', '"/proc/known_hosts"'))
    out = site.run("scan", "--replace", "h1", "--yes", status=1).stdout
    assert "known_hosts could not be written" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--replace",), "which hosts were installed anew?"),
        (("--yes",), "--yes is for --replace"),
        (("--replace", "--accept-new", "h1"), "exclude each other"),
        (("--replace", "h11", "--yes"), "did you mean"),
        (("--replace", "ps", "--yes"), "h1"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(site: Site, arguments: tuple[str, ...], said: str) -> None:
    assert said in site.run("scan", *arguments, status=2).output


def test_where_nobody_can_be_asked_the_greater_reason_is_told(site: Site) -> None:
    assert site.hosts("--replace", "h1", status=1)["h1"]["cause"] == "not replaced: there is nobody to ask"
    site.give()
    assert "gives this host no ssh.hostkey" in site.hosts("--replace", "h1", status=1)["h1"]["cause"]


def test_a_key_of_the_matrix_is_placed_where_it_stands(site: Site) -> None:
    with (site.folder / "MATRIX").open("a") as file:
        file.write(f'\n# keys\nh2 ssh.hostkey="{site.fleet.host_key("h2")}"\n')
    (given,) = site.hosts("h2", status=0)["h2"]["matrix"]
    assert given["where"].endswith("/MATRIX:7")


def test_a_changed_key_names_the_way_by_the_matrix_and_another_site_of_the_same_names(site: Site) -> None:
    site.give()
    cure = site.hosts("h1", status=1)["h1"]["cure"]
    assert "write its own new key as ssh.hostkey in the MATRIX and run matrix scan --replace h1, or remove" in cure
    assert "another site" not in cure
    site.known_hosts.write_text(f"[h1]:{PORT} {site.old}\n")
    cure = site.hosts("h1", status=1)["h1"]["cure"]
    assert (
        'if h1 is known as a host of another site: this one takes a file of its own by known_hosts = "known_hosts"'
        in cure
    )


@pytest.mark.parametrize(("answer", "result", "status"), [("y", "replaced", 0), ("n", "kept", 1)])
def test_a_person_is_asked_on_a_terminal(site: Site, answer: str, result: str, status: int) -> None:
    words = [sys.executable, "-m", "matrix_console", "scan", "--replace", "h1", "-f", str(site.folder)]
    before = site.known_hosts.read_bytes()
    child, terminal = pty.fork()
    if not child:
        os.execv(words[0], words)
    said, answered = b"", False
    while select.select([terminal], [], [], 30)[0]:
        try:
            said += os.read(terminal, 65536)
        except OSError:  # the other side has ended
            break
        if b"[y/N]" in said and not answered:
            answered = True
            os.write(terminal, answer.encode() + b"\n")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status, said
    assert b"in the place of the old ones?" in said
    assert result.encode() in said
    assert (site.known_hosts.read_bytes() == before) is (answer == "n")


@pytest.mark.parametrize(
    "words",
    [
        ("push", "h1", "--retry", "0"),
        ("push", "h1", "-n"),
        ("status", "h1", "--live"),
        ("enroll", "h1", "--key", "old.pub"),
        ("forall", "--ssh-here", "h1", "true"),
        ("syncall", "--ssh-here", "h1", "old.pub:/tmp/old.pub"),
        ("diffall", "--ssh-here", "h1", "--vote", "/etc/hostname"),
    ],
    ids=lambda words: words[0],
)
def test_no_command_goes_by_a_key_of_the_text_that_known_hosts_contradicts(
    site: Site, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site.folder)
    if words[0] == "status":
        site.run("push", "h2", "--force")
    verb, *rest = words
    result = CliRunner().invoke(matrix, [verb, "-f", str(site.folder), *rest])
    assert "host key changed" in result.output
    assert result.exit_code in (3, 4) or "-n" in words


def test_the_daemon_does_not_either(site: Site) -> None:
    words = [sys.executable, "-m", "matrix_console", "watch", "-f", str(site.folder)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stderr is not None
        said = next((line for line in daemon.stderr if "host key changed" in line), "")
        daemon.terminate()
    assert "h1" in said


def test_a_site_may_give_the_matrix_the_last_word_by_a_setting(site: Site) -> None:
    with (site.folder / "matrix.toml").open("w") as file:
        file.write(f'{site.settings}hostkeys = "matrix"\n[push]\nlocal = false\n')
    site.run("push", "h1")
    assert site.results("h1", status=0) == {"h1": "same"}
    (site.folder / "matrix.toml").write_text(f'{site.settings}hostkeys = "both"\n')
    assert "'both' is not one of known_hosts, matrix" in site.run("push", status=2).output
