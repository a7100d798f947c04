"""The embedded fleet, asked by the real ssh and watched from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from matrix_parts import require
from ssh_talk import saying

from matrix_distributor.dialogue import Reply, Target
from matrix_distributor.embedded import FleetProcess
from matrix_distributor.transport import Pool, SSHOptions


def ssh(fleet: FleetProcess, host: str, line: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    require("ssh")
    command = ["ssh", "-F", fleet.ssh_config, host, line]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=20)


def test_twelve_hosts_start_within_a_second(tmp_path: Path) -> None:
    names = [f"w{n}" for n in range(12)]
    with FleetProcess(["first"], tmp_path / "warm"):
        pass
    begun = time.monotonic()
    with FleetProcess(names, tmp_path / "fleet") as fleet:
        taken = time.monotonic() - begun
        assert sorted(fleet.roots) == sorted(names)
        assert len(set(fleet.ports.values())) == 12
    assert taken < 2, "1 s is the aim; the machine may be busy"


def test_openssh_can_talk_to_it(embedded: FleetProcess) -> None:
    done = ssh(embedded, "e1", "cat; echo err >&2; exit 7", b"hello" * 100_000)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"hello" * 100_000, b"err\n")


def test_each_host_has_its_own_root(embedded: FleetProcess) -> None:
    for host in ("e1", "e2"):
        assert ssh(embedded, host, f'echo {host} > "$DSAS_ROOT/etc/who"').returncode == 0
    assert [(embedded.roots[host] / "etc/who").read_text() for host in ("e1", "e2")] == ["e1\n", "e2\n"]


def test_only_its_own_key_may_log_in(embedded: FleetProcess, tmp_path: Path) -> None:
    require("ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    config = embedded.ssh_config.read_text().replace(str(embedded.root / "id_ed25519"), str(tmp_path / "other"))
    (tmp_path / "config").write_text(config)
    done = subprocess.run(
        ["ssh", "-F", tmp_path / "config", "e1", "true"], capture_output=True, check=False, timeout=20
    )
    assert done.returncode == 255


def test_a_command_dies_with_its_host(embedded: FleetProcess) -> None:
    mark = embedded.roots["e1"] / "root" / "mark"
    line = "echo $$ > mark; trap '' HUP TERM; sleep 300 & echo $! >> mark; wait"
    command = ["ssh", "-F", embedded.ssh_config, "e1", line]
    client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pids = wait_for(lambda: [int(pid) for pid in mark.read_text().split()] if mark.exists() else [], 2)
    embedded.down("e1")
    client.wait(10)
    assert wait_for(lambda: [pid for pid in pids if not alive(pid)], 2) == pids
    embedded.up("e1")
    assert ssh(embedded, "e1", "true").returncode == 0


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_nothing_is_left_when_its_parent_ends(tmp_path: Path, how: str) -> None:
    root = tmp_path / "fleet"
    program = f"""
import sys, time
from pathlib import Path
from matrix_distributor.transport import FleetProcess
fleet = FleetProcess(["a", "b"], Path({str(root)!r}), remove=True)
print(fleet.pid, flush=True)
sys.stdin.read()
{"fleet.close()" if how == "ended" else ""}
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    with Pool(SSHOptions(config=root / "ssh_config")) as pool:
        line = "trap '' TERM; (trap '' TERM; sleep 300) >/dev/null 2>&1 </dev/null & echo $!"
        ((_, reply),) = pool.converse([(Target("a", "-"), saying(line))])
    assert isinstance(reply, Reply)
    background = int(reply.stdout)
    assert alive(background)
    if how == "killed":
        parent.send_signal(signal.SIGKILL)
    parent.communicate()
    gone = [background, pid]
    assert wait_for(lambda: [p for p in gone if not alive(p)], 2) == gone
    assert wait_for(lambda: [True] if not root.exists() else [], 1)


def test_an_unknown_host_or_request_is_an_answer_not_an_end(embedded: FleetProcess) -> None:
    with pytest.raises(ValueError, match="nobody"):
        embedded.down("nobody")
    embedded.up("e1")
    assert ssh(embedded, "e1", "true").returncode == 0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(look, count):  # type: ignore[no-untyped-def]
    until = time.monotonic() + 10
    while len(found := look()) < count:
        assert time.monotonic() < until, found
        time.sleep(0.02)
    return found
