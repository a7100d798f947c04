"""A dry run writes nothing, here and on hosts, and its exit status is that of what it found out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))

from fleet_fixtures import sshd_hosts
from sshd_fleet import SshdFleet

from matrix_distributor.state import OriginState

PLACES = "/etc/dsas* /etc/sudoers.d /var/lib/dsas /srv/host /tmp /root"
TREE = f"find {PLACES} -type d -printf '%p %m %u\\n' -o -printf '%p %y %m %u %s %T@\\n' 2>/dev/null | sort"


@pytest.fixture(scope="module")
def hosts() -> Iterator[SshdFleet]:
    yield from sshd_hosts(2)


@pytest.fixture
def site(hosts: SshdFleet, tmp_path: Path) -> Iterator[Path]:
    """A site from which nothing was pushed, and whose known_hosts knows nobody."""
    rows = "".join(f"    {name} {hosts.address(name)}\n" for name in hosts.names)
    (tmp_path / "MATRIX").write_text(f"@matrix 1\n[ps]\n{rows}")
    (tmp_path / "known_hosts").write_text("# ours\n")
    (tmp_path / "motd.j2").write_text("hello\n")
    (tmp_path / "matrix.toml").write_text(
        f'[ssh]\nconfig = "{hosts.ssh_config}"\nagent = false\nknown_hosts = "known_hosts"\n[push]\nlocal = false\n'
        'retry = 0\n[reflect.hosts]\npath = "/srv/host/hosts"\nhosts = "*"\n'
    )
    yield tmp_path
    hosts.heal()


def run(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "matrix_console", *words]
    return subprocess.run(line, cwd=site, capture_output=True, text=True, check=False, timeout=60)


def everything(site: Path, hosts: SshdFleet) -> list[object]:
    own = sorted((str(path), path.read_bytes() if path.is_file() else b"") for path in site.rglob("*"))
    return [own, *(hosts.run(name, "sh", "-c", TREE).stdout for name in hosts.names)]


@pytest.mark.parametrize(
    "words",
    [
        ("push", "-n", "--diff"),
        ("enroll", "-n", "*", "--key", "{key}.pub"),
        ("reflect", "hosts", "--apply", "-n"),
        ("syncall", "-n", "*", "MATRIX:/srv/host/new"),
    ],
)
def test_nothing_is_written_though_new_keys_are_accepted(hosts: SshdFleet, site: Path, words: tuple[str, ...]) -> None:
    before = everything(site, hosts)
    verb, *rest = (word.format(key=hosts.identity) for word in words)
    done = run(site, verb, "--accept-new", *rest)
    assert done.returncode == 0, done
    assert everything(site, hosts) == before
    assert run(site, verb, *rest).returncode == 4, "a key that was let in once is new again"


def test_a_rollback_that_is_only_looked_at_writes_nothing(hosts: SshdFleet, site: Path) -> None:
    assert run(site, "push", "--accept-new").returncode == 0
    (site / "MATRIX").write_text((site / "MATRIX").read_text() + "# more\n")
    assert run(site, "push").returncode == 0
    before = everything(site, hosts)
    assert run(site, "rollback", "-n").returncode == 0
    assert run(site, "push", "-n").returncode == 0
    assert everything(site, hosts) == before


def test_where_nothing_was_pushed_a_rollback_makes_no_state(hosts: SshdFleet, site: Path) -> None:
    before = everything(site, hosts)
    for words in (("rollback", "-n"), ("rollback",)):
        done = run(site, *words)
        assert (done.returncode, "nothing was pushed" in done.stderr) == (1, True)
    assert everything(site, hosts) == before


def test_what_is_only_looked_at_is_not_remembered(hosts: SshdFleet, site: Path) -> None:
    """Also of hosts that are as they are wanted already, and where there is a state that could remember it."""
    key = f"{hosts.identity}.pub"
    assert run(site, "push", "--accept-new", "--force").returncode == 0
    assert run(site, "enroll", "*", "--key", key).returncode == 0
    assert run(site, "reflect", "hosts", "--apply").returncode == 0
    with OriginState(site / ".matrix") as state:
        state.enrolments.enrolled(["h1"], "of another release")
    for name, line in (("MATRIX", "# of no generation yet\n"), ("matrix.toml", "push = true\n")):
        with (site / name).open("a") as text:
            text.write(line)
    hosts.run("h1", "rm", "/srv/host/hosts")
    before = everything(site, hosts)
    for words in (
        ("push", "-n", "--diff"),
        ("enroll", "-n", "*", "--key", key),
        ("enroll", "-n", "--remove", "*"),
        ("reflect", "hosts", "--apply", "-n"),
        ("reflect", "hosts", "--diff"),
        ("syncall", "-n", "*", "MATRIX:/srv/host/new"),
    ):
        done = run(site, *words)
        assert done.returncode == int("--diff" in words and "reflect" in words), done
        assert everything(site, hosts) == before, words
    assert run(site, "enroll", "--remove", "*").returncode == 0
    with OriginState(site / ".matrix") as state:
        state.enrolments.enrolled(["h1"], "of another release")
        assert run(site, "enroll", "-n", "--remove", "*").returncode == 0
        assert state.enrolments.marks() == {"h1": "of another release"}


def test_the_status_tells_of_hosts_that_could_not_be_asked(hosts: SshdFleet, site: Path) -> None:
    hosts.fault("refuse", "h1")
    done = run(site, "push", "-n", "--accept-new")
    assert (done.returncode, "cannot          1  h1" in done.stdout) == (3, True)
    hosts.fault("refuse", "h2")
    done = run(site, "push", "-n", "--accept-new")
    assert (done.returncode, "cannot          2  h[1-2]\n" + " " * 21 + "Connection refused" in done.stdout) == (
        4,
        True,
    )
