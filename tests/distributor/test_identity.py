"""Which host of the MATRIX this machine is: in namespaces with a network and a name of their own, by both faces."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sshd_fleet import PORT, SshdFleet

from matrix_common.trouble import Trouble
from matrix_distributor import DistributorError
from matrix_distributor.conversation import Reach
from matrix_distributor.dialogue import Command, Dialogue, Failure
from matrix_distributor.fleetwork import Session
from matrix_distributor.hosts import target_of
from matrix_distributor.identity import Identity, identify, this_machine
from matrix_distributor.transport import Pool, SSHOptions
from matrix_emitters.bindings import build
from matrix_grammar.reading import loads

ROOT = Path(__file__).parents[2]
PACKAGES = ":".join(str(ROOT / package) for package in ("common", "grammar", "sources", "emitters", "distributor"))

DRIVER = """
import json, os, pathlib, socket, subprocess, sys
from matrix_distributor.identity import identify
from matrix_distributor.transport import Pool, SSHOptions
from matrix_grammar import loads
folder = sys.argv[1]
for line in sys.stdin:
    case = json.loads(line)
    socket.sethostname(case["hostname"])
    device, marker = pathlib.Path("/sys/class/net/eth0/device"), pathlib.Path("/run/.containerenv")
    if case["container"] == "none":
        marker.unlink(missing_ok=True)
    else:
        marker.touch()
    if case["container"]:
        device.mkdir(parents=True, exist_ok=True)
    elif device.exists():
        device.rmdir()
    config = pathlib.Path(folder, "ssh_config")
    config.write_text(case["config"])
    with Pool(SSHOptions(config=config)) as pool:
        found = identify(loads(case["text"]), "", pool.way)
    told = None
    if case["asked"]:
        words = [*case["before"], "sh", folder + "/etc/dsas.d/fleet.sh", "FORALL", case["asked"], "echo by sh"]
        told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    print(json.dumps([found.host, found.namesake, told]), flush=True)
"""
"""In its own namespaces of network, names and mounts; the addresses of the machine lie on lo, as VIPs do. It is a
container, which has a network of its own, or that of the machine that runs it and so its devices; or none, which has
devices as well, and no file of Docker's below its root. To its neighbours there is a way."""

SPACE = """
set -e
ip link set lo up
for a in 10.9.9.1/32 10.9.9.5/32 2001:db8::5/128 fe80::5/64; do ip addr add "$a" dev lo; done
ip route add 10.9.9.0/24 dev lo
mount -t tmpfs none /run
mount -t tmpfs none /sys/class/net
mount --bind "$HOME/hosts" /etc/hosts
mount -t tmpfs none /mnt
for d in /*; do
    case $d in /mnt) continue ;; esac
    if [ -L "$d" ]; then cp -P "$d" /mnt; elif [ -d "$d" ]; then mkdir "/mnt$d" && mount --rbind "$d" "/mnt$d"; fi
done
exec chroot /mnt "$@"
"""

SSH = """#!/bin/sh
# Tells that it was asked to reach a host; what ssh_config says of it the real one knows.
case $1 in -G) exec ssh -F "$(dirname "$0")/ssh_config" "$@" ;; esac
echo by ssh
"""


class Machine:
    """A machine with the addresses 10.9.9.1, 10.9.9.5 and 2001:db8::5."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ssh").write_text(SSH)
        (folder / "ssh").chmod(0o755)
        (folder / "hosts").write_text("10.9.9.1 near\n10.9.9.2 far\n")
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "PYTHONPATH": PACKAGES,
            "DSAS_ROOT": str(folder),
            "DSAS_DIR": f"{folder}/etc/dsas.d", "DSAS_SSH": f"{folder}/ssh",
        }  # fmt: skip
        self.process = subprocess.Popen(
            ["unshare", "-n", "-u", "-m", "sh", "-c", SPACE, "sh", sys.executable, "-c", DRIVER, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def told(
        self, text: str, hostname: str = "nowhere", *, installed: str = "", config: str = "", container: str = "",
        asked: str = "", before: Iterable[str] = (),
    ) -> list[Any]:  # fmt: skip
        """The host that it is, the one that has its name alone, and what FORALL of sh prints for `asked`.

        `before` are words before the command line of that.
        """
        for artifact in build(loads(text), 1, only=["sh"]):
            path = Path(f"{self.folder}{artifact.path}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(artifact.content)
        own = self.folder / "etc/dsas.d/self"
        if installed:
            own.write_text(f"{installed}\n")
        else:
            own.unlink(missing_ok=True)
        case = {"text": text, "hostname": hostname, "config": config, "container": container, "asked": asked}
        case["before"] = list(before)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        found: list[Any] = json.loads(self.process.stdout.readline())
        return found


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    yield machine
    machine.process.communicate(timeout=60)


ELSEWHERE = [
    ("w1 10.9.9.2\n", {}),
    ("w1 127.77.0.1\n", {}),
    ("w1 127.0.0.1 ssh.port=2222\n", {}),
    ("w1 2001:db8::6\n", {}),
    ("w1 10.9.9.1\n", {"config": "Host w1\n  HostName fe80::5%%lo\n"}),
    ("w1 10.9.9.1\n", {"config": "Host w1\n  HostName 10.9.9.2\n"}),
    ("w1 10.9.9.1\n", {"config": "Host w1\n  HostName far\n"}),
    ("w1 127.0.0.1\n", {"config": "Host w1\n  Port 2222\n"}),
    ("w1 10.9.9.2\n", {"installed": "w1"}),
    ("w1 10.9.9.1\n", {"container": "host"}),
]
"""A host has this machine's name, and is another: its address, its port or ssh_config say so; a clone; a container. A
link-local address says nothing."""


@pytest.mark.parametrize(("text", "more"), ELSEWHERE)
def test_a_host_that_has_this_machines_name_alone_is_another_and_reached_by_ssh(
    machine: Machine, text: str, more: dict[str, Any]
) -> None:
    assert machine.told(text, "w1.example.jp", asked="w1", **more) == [None, "w1", "w1: by ssh\n"]


HERE = [
    ("w1 10.9.9.1\n", {}),
    ("w1 10.9.9.2 10.9.9.1\n", {}),
    ("w1 2001:DB8:0:0::5\n", {}),
    ("w1 127.0.0.1\n", {}),
    ("w1 -\n", {}),
    ("@matrix 1\n@domain nowhere.invalid\nw1 - ssh.port=2222\n", {}),
    ("w1 10.9.9.1 ssh.port=2222\n", {}),
    ("w1 10.9.9.1\n", {"config": "Host w1\n  HostName 10.9.9.5\n"}),
    ("w1 10.9.9.1\n", {"config": "Host w1\n  HostName near\n"}),
    ("w1 10.9.9.1\n", {"config": "Host w1\n  ProxyJump bastion\n"}),
    ("w1 10.9.9.1\n", {"container": "host", "installed": "w1"}),
    ("w1 10.9.9.1\n", {"container": "none"}),
]
"""Its name, and an address of this machine: also on another port, or behind a proxy."""


@pytest.mark.parametrize(("text", "more"), HERE)
def test_a_host_whose_address_and_name_are_this_machines_is_this_machine(
    machine: Machine, text: str, more: dict[str, Any]
) -> None:
    assert machine.told(text, "w1", asked="w1", **more) == ["w1", None, "w1: by sh\n"]


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("other 10.9.9.2\nadm 10.9.9.1\n", "adm"),
        ("adm 2001:db8::5\n", "adm"),
        ("c1 10.9.9.1 ssh.port=2201\n", None),
        ("[lv] vip=10.9.9.5:80\n    lb 10.9.9.5\n", None),
        ("[lv] vip=10.9.9.5:80\n    lb 10.9.9.5\n    w9 10.9.9.1\n", "w9"),
        ('[lv] vip="[2001:db8::5]:80"\n    lb 2001:db8::5\n', None),
        ("loop 127.0.0.1\n", None),
        ("any 0.0.0.0\nall 224.0.0.1\n", None),
    ],
)
def test_an_address_alone_is_enough_where_it_can_be_nobody_elses(machine: Machine, text: str, host: str | None) -> None:
    assert machine.told(f"@matrix 1\n{text}")[:2] == [host, None]


def test_an_address_behind_a_proxy_is_that_of_another_network(machine: Machine) -> None:
    assert machine.told("w1 10.9.9.1\n", config="Host w9\n  ProxyJump bastion\n")[0] == "w1"
    for way in ("ProxyJump bastion", "ProxyCommand nc %h %p"):
        assert machine.told("w1 10.9.9.1\n", config=f"Host w1\n  {way}\n")[0] is None


def test_a_host_whose_way_cannot_be_told_is_another(machine: Machine) -> None:
    config = "Host *\n  ProxyJump bastion\n"
    assert machine.told("w1 10.9.9.1\n", "w1", config=config)[:2] == [None, "w1"]


def test_the_addresses_are_known_by_whatever_the_machine_has(machine: Machine, tmp_path: Path) -> None:
    """Its sh asks the tools and the kernel's files; the text of ifconfig is that of busybox, of an own interface."""
    for tool in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        for path in Path(tool).iterdir():
            if path.name not in ("ip", "ifconfig") and not (tmp_path / path.name).is_symlink():
                (tmp_path / path.name).symlink_to(path)
    (tmp_path / "text").write_text("lo   Link encap:Local Loopback\n     inet addr:10.9.9.1  Mask:255.255.255.255\n")
    without_proc = ["unshare", "-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"]
    path = f"PATH={tmp_path}"
    for text in ("w1 10.9.9.1\n", "w1 2001:db8::5\n"):
        for before in (["env", path], without_proc):
            assert machine.told(text, "w1", asked="w1", before=before)[2] == "w1: by sh\n", (text, before)
        assert machine.told(text, "w1", asked="w1", before=[*without_proc, "env", path])[2] == "w1: by ssh\n"
    (tmp_path / "ifconfig").write_text(f"#!/bin/sh\ncat {tmp_path}/text\n")
    (tmp_path / "ifconfig").chmod(0o755)
    assert machine.told("w1 10.9.9.1\n", "w1", asked="w1", before=[*without_proc, "env", path])[2] == "w1: by sh\n"


def test_a_person_says_which_by_the_setting_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = loads("w1 127.77.0.1\nw2 127.77.0.2\n")
    monkeypatch.delenv("DSAS_SELF", raising=False)
    assert this_machine(fleet) is None
    assert this_machine(fleet, "W2") == "w2"
    monkeypatch.setenv("DSAS_SELF", "w1")
    assert this_machine(fleet) == "w1"
    monkeypatch.setenv("DSAS_SELF", "W2.example.jp")
    assert this_machine(loads("@domain example.jp\nw1 127.77.0.1\nw2 127.77.0.2\n")) == "w2"
    with pytest.raises(DistributorError, match="did you mean w1"):
        this_machine(fleet, "w11")


def test_the_environment_says_it_to_sh_as_well(machine: Machine) -> None:
    assert machine.told("w1 10.9.9.2\n", "w1", asked="w1", before=["env", "DSAS_SELF=w1"])[2] == "w1: by sh\n"


def test_a_failure_to_reach_the_namesake_names_the_setting() -> None:
    identity = Identity(None, "w1", "10.9.9.2 is no address of it")
    failure = Failure("w1", Trouble("connect", "no answer", "is the host up?"))
    assert identity.advised(failure).cure == (
        'is the host up?; if w1 is this machine all the same (10.9.9.2 is no address of it): self = "w1" in matrix.toml'
    )
    other = Failure("w2", Trouble("connect", "no answer", "is the host up?"))
    assert identity.advised(other) == other
    stopped = Failure("w1", Trouble("stop", "not begun: stopped by Ctrl-C", "run it again"))
    assert identity.advised(stopped) == stopped


def asking() -> Dialogue[bytes]:
    reply = yield Command("true")
    return reply.stdout


def test_a_real_host_that_has_this_machines_name_answers_itself_and_the_report_says_who_did_not_need_ssh(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DSAS_ROOT", str(tmp_path))
    monkeypatch.delenv("DSAS_SELF", raising=False)
    name = socket.gethostname().partition(".")[0]
    with SshdFleet([name]) as hosts:
        hosts.write(name, "/srv/host/mark", b"the host\n")
        fleet = loads(f"{name} {hosts.address(name)}\n")
        assert os.path.lexists("/srv/host/mark") is False
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=30) as session:
            (outcome,) = session.run(name, "cat /srv/host/mark")
        assert (outcome.stdout, outcome.here) == (b"the host\n", False)
        hosts.fault("refuse", name)
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=30) as session:
            (outcome,) = session.run(name, "true")
        assert f'self = "{name}" in matrix.toml' in outcome.cure
        assert f"port {PORT}" in outcome.cause
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=30, named=name) as session:
            (outcome,) = session.run(name, "true")
        assert (outcome.ok, outcome.here) == (True, True)
        with Pool(SSHOptions(config=hosts.ssh_config)) as pool:
            found = identify(fleet, "", pool.way)
            assert found.namesake == name
            ((_, failure),) = Reach(pool, found)([(target_of(fleet.hosts[0]), asking())])
            assert isinstance(failure, Failure)
            assert f'self = "{name}" in matrix.toml' in failure.cure
