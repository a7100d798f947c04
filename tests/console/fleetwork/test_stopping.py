"""Ctrl-C of the verbs that speak to hosts: what was done is told, what was not, and of which hosts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fleet"))

from fleet_fixtures import sshd_hosts
from sshd_fleet import SshdFleet

ONCE = "no further host is begun; those that run may end (Ctrl-C again ends them too)"
TWICE = "ending what runs on the hosts"


@pytest.fixture(scope="module")
def hosts() -> Iterator[SshdFleet]:
    """On h1 and h2 every command hangs; on h3 none."""
    yield from sshd_hosts(3)


@pytest.fixture
def site(hosts: SshdFleet, tmp_path: Path) -> Path:
    rows = "".join(f"    {name} {hosts.address(name)}\n" for name in hosts.names)
    (tmp_path / "MATRIX").write_text(f"@matrix 1\n[ps]\n{rows}")
    (tmp_path / "matrix.toml").write_text(
        f'[ssh]\nconfig = "{hosts.ssh_config}"\nagent = false\n[push]\nretry = 0\nlocal = false\nfanout = 1\n'
        '[reflect.hosts]\npath = "/srv/host/hosts"\nhosts = "h[1-2]"\n'
    )
    return tmp_path


def begun(hosts: SshdFleet) -> int:
    """How many hosts hang: in any command, or in the check of a reflected file, as h3 may."""
    asked = {"h1": "sleep .*", "h2": "sleep .*", "h3": "sleep 60"}
    return sum(hosts.run(name, "pgrep", "-fx", words).returncode == 0 for name, words in asked.items())


def stopped(hosts: SshdFleet, site: Path, *words: str, times: int = 2) -> tuple[int, str, list[str]]:
    """The verb, stopped so often once it waits for a host; its status, standard output, and lines of standard error."""
    hosts.fault("hangcmd", "h1", "h2")  # a power cut: what hangs there from before is gone
    assert begun(hosts) == 0
    line = [sys.executable, "-m", "matrix_console", *words]
    with subprocess.Popen(line, cwd=site, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            while begun(hosts) == 0:
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
            assert process.stderr is not None
            told = []
            for _ in range(times):
                process.send_signal(signal.SIGINT)
                told.append(process.stderr.readline())
            out, err = process.communicate(timeout=60)
        except BaseException:
            process.kill()
            raise
    return process.returncode, out, [*"".join(told).splitlines(), *err.splitlines()]


def test_a_push_tells_of_every_host_what_became_of_it(hosts: SshdFleet, site: Path) -> None:
    status, out, err = stopped(hosts, site, "push", "h[1-2]", "--json")
    assert err == [f"matrix push: {ONCE}", f"matrix push: {TWICE}"]
    facts = {(one["result"], one["stage"], one["cause"]) for one in json.loads(out)["hosts"]}
    assert facts == {
        ("failed", "stop", "ended before it was done: ended by Ctrl-C"),
        ("skipped", "stop", "not begun: stopped by Ctrl-C"),
    }
    assert status == 3
    listed = subprocess.run(
        [sys.executable, "-m", "matrix_console", "status", "h[1-2]", "--json"],
        cwd=site,
        capture_output=True,
        check=False,
    )
    known = sorted((one["result"], one["cause"]) for one in json.loads(listed.stdout)["hosts"])
    assert known == [
        ("failed", "ended before it was done: ended by Ctrl-C"),
        ("unknown", "nothing is known of it here yet: never pushed to, and never asked"),
    ]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("push", "-n", "h[1-2]"), "matrix push"),
        (("enroll", "h[1-2]", "--key", "{key}.pub"), "matrix enroll"),
        (("reflect", "hosts", "--apply"), "matrix reflect"),
        (("FORALL", "--fanout", "1", "h[1-2]", "true"), "FORALL"),
        (("DIFFALL", "--fanout", "1", "h[1-2]", "MATRIX:/srv/host/x"), "DIFFALL"),
        (("SYNCALL", "--fanout", "1", "h[1-2]", "MATRIX:/srv/host/x"), "SYNCALL"),
    ],
)
def test_every_other_verb_does_so_too(hosts: SshdFleet, site: Path, words: tuple[str, ...], name: str) -> None:
    verb, *rest = (word.format(key=hosts.identity) for word in words)
    status, out, err = stopped(hosts, site, verb.lower(), *rest)
    assert [line for line in err if line.startswith(f"{name}: ")] == [f"{name}: {ONCE}", f"{name}: {TWICE}"]
    said = "\n".join([out, *err])
    assert "ended before it was done: ended by Ctrl-C" in said
    assert "not begun" in said
    assert status in (3, 4)
    assert "Traceback" not in said


def test_status_keeps_what_was_known_of_hosts_that_were_not_asked_to_the_end(hosts: SshdFleet, site: Path) -> None:
    subprocess.run([sys.executable, "-m", "matrix_console", "push", "h3"], cwd=site, check=True, capture_output=True)
    status, out, err = stopped(hosts, site, "status", "--live", "h[1-2]")
    assert (status, err) == (3, [f"matrix status: {ONCE}", f"matrix status: {TWICE}"])
    assert "unknown         2  h[1-2]" in out


def test_an_adoption_that_is_stopped_has_written_nothing(hosts: SshdFleet, site: Path) -> None:
    status, out, err = stopped(hosts, site, "adopt", "root@h1", "-o", "new", times=1)
    assert (status, out) == (3, "")
    assert err == ["matrix: stopped by Ctrl-C: nothing was taken over, and nothing written"]
    assert not (site / "new").exists()


def test_a_push_that_is_stopped_at_its_reflected_files_tells_of_both(hosts: SshdFleet, site: Path) -> None:
    with (site / "matrix.toml").open("a") as settings:
        settings.write('[reflect.motd]\nhosts = "h3"\npath = "/srv/host/motd"\ntemplate = "motd.j2"\n')
        settings.write('check = "sleep 60"\npush = true\n')
    (site / "templates").mkdir()
    (site / "templates/motd.j2").write_text("# {{ header }}\n")
    status, out, err = stopped(hosts, site, "push", "h3", "--force")
    assert (status, err) == (3, [f"matrix push: {ONCE}", f"matrix push: {TWICE}"])
    assert "  updated         1  h3" in out
    assert "ended before it was done: ended by Ctrl-C" in out
