"""The units, run by a systemd of their own: as its first process, in namespaces, in a root in memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from dmetad_server import REPOSITORY

MACHINE = Path(__file__).parent / "units/machine.sh"
PACKAGES = sysconfig.get_paths()["purelib"]
HERE = """[Service]
WatchdogSec=2s
StandardError=append:/out/dmetad.log
Environment=PATH=/opt/bin:/opt/python/bin:/usr/bin LD_LIBRARY_PATH=/opt/python/lib PYTHONDONTWRITEBYTECODE=1
Environment=PYTHONPATH=/opt/matrix/common:/opt/matrix/grammar:/opt/matrix/sources:/opt/matrix/emitters:/opt/matrix/dmetad:/opt/packages
Environment=MATRIX_DMETAD_FILE=/opt/matrix/examples/MATRIX
ExecStart=
ExecStart=/usr/bin/env python3 -m matrix_dmetad
"""
"""What differs from an installed one: where Python and the program lie, and how long the watchdog waits."""

TARGET = "[Unit]\nWants=dmetad.socket probe.service\n"
PROBE = """[Unit]
After=dmetad.socket
DefaultDependencies=no
FailureAction=exit-force
SuccessAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh /out/probe.sh
StandardOutput=file:/out/seen
StandardError=file:/out/probe.log
TimeoutStartSec=100
"""


@pytest.mark.needs("root", "unshare", "pivot_root", "systemctl", "curl")
def test_the_units_under_a_live_systemd(tmp_path):
    units = tmp_path / "units"
    (units / "dmetad.service.d").mkdir(parents=True)
    for name in ("dmetad.service", "dmetad.socket"):
        shutil.copy(REPOSITORY / "dmetad/systemd" / name, units)
    (units / "dmetad.service.d/here.conf").write_text(HERE, encoding="utf-8")
    (units / "probe.target").write_text(TARGET, encoding="utf-8")
    (units / "probe.service").write_text(PROBE, encoding="utf-8")
    shutil.copy(MACHINE.parent / "probe.sh", tmp_path)
    tmp_path.chmod(0o755)
    command = ["unshare", "-m", "sh", str(MACHINE), str(tmp_path), str(REPOSITORY), sys.base_prefix, PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    seen_file = tmp_path / "seen"
    assert seen_file.exists(), done.stdout + done.stderr
    seen = dict(line.split("=", 1) for line in seen_file.read_text(encoding="utf-8").splitlines())
    log = (tmp_path / "dmetad.log").read_text(encoding="utf-8")
    hosts = "w101 w102 w103 w104 "
    assert seen["before"] == "active inactive", "nobody has asked yet"
    assert (seen["first"], seen["first6"]) == (hosts, hosts), log
    assert seen["state"] == "active running success", "sd_notify told that it is ready"
    assert seen["status"].startswith("answering from 0-") or seen["status"] == "listening"
    assert seen["user"] in ("dmetad", "UNKNOWN"), "its name is known where libnss-systemd is installed"
    assert int(seen["Uid"].split()[0]) >= 61_184, "a dynamic user (systemd.exec(5))"
    assert (int(seen["CapEff"], 16), int(seen["CapBnd"], 16)) == (0, 0)
    assert (seen["NoNewPrivs"], seen["Seccomp"]) == ("1", "2")
    assert seen["reload"] == "done"
    before = int(seen["loads"].rpartition(" ")[2])
    assert int(seen["loads"].split()[0]) > before
    assert (seen["restarts"], seen["again"], seen["other"]) == ("1", hosts, "yes"), "the watchdog found it hanging"
    assert seen["stopped"] == "inactive success"
    assert seen["woken"] == hosts, "the socket starts it again"
    assert "Traceback" not in log
