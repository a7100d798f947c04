"""matrixd.service as it is, under a real systemd: process 1 of namespaces of its own."""

from __future__ import annotations

import os
import shutil
import signal
import site
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
"""Enters the cgroups that stand before `--`, and becomes the command behind it."""


def own_cgroups(name: str) -> list[Path]:
    """A cgroup of this name in every hierarchy, below where this process is, so that no other's are in reach."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    made = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        kind = "cgroup" if controllers else "cgroup2"
        wanted = controllers.removeprefix("name=")
        for mount in mounts:
            words = mount[mount.index("-") + 1 :]
            options = words[2].replace("name=", "").split(",")
            if words[0] == kind and set(filter(None, wanted.split(","))) <= set(options):
                cgroup = Path(mount[4] + path.removeprefix(mount[3].rstrip("/"))) / name
                cgroup.mkdir()
                made.append(cgroup)
                break
    return made


def remove_once_empty(cgroup: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            cgroup.rmdir()
        except OSError:  # EBUSY: a process that was killed has not ended yet
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


class Systemd:
    """A systemd, and the service in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cgroups = own_cgroups(f"matrix-test-{os.getpid()}")
        namespaces = ("--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--cgroup")
        packages = (
            REPOSITORY / package for package in ("common", "grammar", "sources", "emitters", "distributor", "console")
        )
        installed = filter(os.path.isdir, site.getsitepackages())  # Debian names folders that nothing made
        paths = [*map(str, packages), *installed]
        script = [str(Path(__file__).with_name("systemd.sh")), str(folder), sys.base_prefix, *paths]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        with (folder / "systemd.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", ENTER, "sh", *map(str, self.cgroups), "--", "unshare", *namespaces, "sh", *script],
                stderr=log, env=environment,
            )  # fmt: skip
        self.await_true(lambda: self.control("show", "-p", "Version")[0] == 0, "systemd runs")

    def control(self, *words: str) -> tuple[int, str]:
        """What systemctl says in there: its status, and its words."""
        assert self.process.poll() is None, self.told()
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if not children:
            return 1, ""
        command = ["nsenter", "-t", children[0], "-m", "-p", "systemctl", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def property(self, name: str) -> str:
        return self.control("show", "--value", "-p", name, "matrixd.service")[1].strip()

    def await_true(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"not so: {what}\n{self.told()}"
            time.sleep(0.05)

    def told(self) -> str:
        logs = (self.folder / name for name in ("systemd.log", "matrixd.log"))
        return "\n".join(log.read_text() for log in logs if log.exists())

    def close(self) -> None:
        self.process.send_signal(signal.SIGKILL)  # process 1 goes with it, and with that all others
        self.process.wait(20)
        for cgroup in self.cgroups:
            for folder, _, _ in os.walk(cgroup, topdown=False):
                remove_once_empty(Path(folder))


@pytest.fixture
def systemd(origin, tmp_path: Path) -> Iterator[Systemd]:  # type: ignore[no-untyped-def]
    """The service's files where it expects them; its unit unchanged but for its log and its watchdog's time."""
    folder = tmp_path / "machine"
    ssh, etc, units = folder / "var-lib-matrix/.ssh", folder / "etc-matrix", folder / "units"
    for path in (ssh, etc, units / "matrixd.service.d"):
        path.mkdir(parents=True)
    tmp_path.chmod(0o755)
    shutil.copy(origin.fleet.identity, ssh / "id_ed25519")
    shutil.copy(origin.fleet.known_hosts, ssh / "known_hosts")
    shutil.copy(origin.matrix, etc / "MATRIX")
    (etc / "matrix.toml").write_text("[watch]\nquiet = 0.1\nretry = 0.3\n")
    shutil.copy(REPOSITORY / "distributor/systemd/matrixd.service", units)
    (units / "matrixd.service.d/test.conf").write_text(
        f"[Service]\nStandardError=append:{folder}/matrixd.log\nWatchdogSec=3s\n"
    )
    for target in ("test", "sysinit", "basic", "shutdown"):
        (units / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    machine = Systemd(folder)
    yield machine
    machine.close()


@pytest.mark.needs("root", "systemctl", "unshare", "nsenter", "mount")
def test_the_service_becomes_ready_reloads_is_brought_back_by_its_watchdog_and_stops(origin, systemd):
    status, said = systemd.control("start", "matrixd.service")
    assert status == 0, said + systemd.told()
    assert systemd.property("ActiveState") == "active"
    hosts = len(origin.fleet.names)
    systemd.await_true(
        lambda: systemd.property("StatusText") == f"generation 1 on {hosts} of {hosts} hosts", "the status tells"
    )
    origin.await_generation(1)

    def edit(word: str) -> None:
        name = origin.fleet.names[0]
        origin.edit(name, word)
        shutil.copy(origin.matrix, systemd.folder / "etc-matrix/MATRIX")

    edit("weight=2")
    origin.await_generation(2)
    main = systemd.property("MainPID")
    status, said = systemd.control("reload", "matrixd.service")
    assert status == 0, said
    assert systemd.property("MainPID") == main
    assert "the settings were read again" in systemd.told()
    systemd.control("kill", "--kill-whom=main", "-s", "STOP", "matrixd.service")
    systemd.await_true(lambda: systemd.property("NRestarts") == "1", "the watchdog notices that it hangs")
    systemd.await_true(lambda: systemd.property("ActiveState") == "active", "it is back")
    edit("weight=3")
    origin.await_generation(3)
    status, said = systemd.control("stop", "matrixd.service")
    assert status == 0, said
    assert (systemd.property("Result"), systemd.property("ExecMainStatus")) == ("success", "0")
    owners = {path.stat().st_uid for path in (systemd.folder / "var-lib-matrix").rglob("*")}
    assert owners, "it keeps its state there"
    assert os.getuid() not in owners, "as an ordinary user"
