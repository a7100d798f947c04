"""`matrix enroll` on real sshd hosts: what it sets up, and push, status, adopt and watch through what it set up."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from matrix_parts import require

from matrix_distributor import DistributorError
from matrix_distributor.conversation import Reach
from matrix_distributor.enroll import Enrollment, dismiss, places_for

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqEVTCTZkPVgTIRVPZmRHkTEE5sBuiTc4bpkbG5XnPD ann@adm1"
TREE = "find /etc/dsas /etc/sudoers.d/dsas /var/lib/dsas -printf '%p %m %u %l\\n' 2>/dev/null | sort; id dsas 2>&1"


def test_a_dry_run_tells_and_changes_nothing(site):
    before = site.on("w1", f"{TREE} || :")
    (told,) = site.enroll("w1", dry=True)
    assert told.status == "planned"
    assert "account dsas" in told.changes
    assert "file /etc/sudoers.d/dsas" in told.changes
    assert site.on("w1", f"{TREE} || :") == before


def test_enrolling_again_changes_nothing_and_puts_right_what_was_changed(enrolled):
    before = enrolled.on("w1", TREE)
    (again,) = enrolled.enroll("w1")
    assert (again.status, again.changes) == ("unchanged", ())
    assert enrolled.on("w1", TREE) == before
    enrolled.on("w1", "echo '#' >>/etc/dsas/gate; chmod 777 /etc/dsas/receive; rm /etc/dsas/name; chown dsas /etc/dsas")
    (healed,) = enrolled.enroll("w1")
    assert healed.status == "enrolled"
    assert set(healed.changes) == {
        "folder /etc/dsas", "file /etc/dsas/gate", "file /etc/dsas/receive", "file /etc/dsas/name",
    }  # fmt: skip
    assert enrolled.on("w1", TREE) == before


def test_what_the_account_brings_waits_for_no_name_server(enrolled, generation):
    """Debian's sudo looks its host's own name up, for 20 s where nobody answers. This server says there is none."""
    enrolled.hosts.write("w1", "/etc/hosts", b"127.0.0.1 localhost\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.99.1.53", 53))
        asked = []

        def answer():
            while (got := server.recvfrom(2048))[0] != b"end":
                asked.append(got[0][12:])
                server.sendto(got[0][:2] + b"\x81\x83" + got[0][4:], got[1])

        thread = threading.Thread(target=answer)
        thread.start()
        enrolled.on("w1", "rm -f /etc/resolv.conf; echo nameserver 127.99.1.53 >/etc/resolv.conf")
        made = generation(1)
        assert enrolled.send("w1", made).returncode == 0
        assert enrolled.enter("w1", "dsas load").returncode == 0
        through_the_account = list(asked)
        enrolled.on("w1", "sudo -n true")
        server.sendto(b"end", ("127.99.1.53", 53))
        thread.join()
    assert through_the_account == []


def test_what_was_set_up_is_taken_back_and_the_key_enters_no_more(enrolled, generation):
    enrolled.send("w1", generation(1))
    enrollment = Enrollment((enrolled.public,))
    for dry, status in ((True, "planned"), (False, "removed"), (False, "unchanged")):
        with enrolled.pool() as pool:
            (done,) = dismiss(enrollment, [enrolled.target("w1")], Reach(pool), dry=dry)
        assert done.status == status
    assert enrolled.enter("w1", "dsas query").returncode == 255
    assert enrolled.on("w1", "id dsas 2>/dev/null; ls -A /etc/dsas /etc/sudoers.d/dsas 2>/dev/null || :") == ""
    assert enrolled.hosts.exists("w1", "/etc/dsas.conf"), "what is in place stays"
    (back,) = enrolled.enroll("w1")
    assert back.status == "enrolled"
    assert enrolled.state("w1") == "whole"


def test_an_account_of_that_name_for_something_else_is_left_alone(site):
    site.on("w1", "useradd --system --home-dir /srv/host --shell /bin/sh dsas")
    (done,) = site.enroll("w1")
    assert (done.status, "for something else" in done.cause) == ("failed", True)
    assert not site.hosts.exists("w1", "/etc/dsas")


def test_a_host_without_sudo_is_named(site):
    site.on("w1", "mount --bind /dev/null /usr/bin/sudo")
    try:
        (told,) = site.enroll("w1")
    finally:
        site.on("w1", "umount /usr/bin/sudo")
    assert (told.status, told.cause) == ("failed", "this host has no sudo")
    assert not site.hosts.exists("w1", "/etc/dsas")


def test_a_host_that_is_away_is_unreachable_and_the_others_are_enrolled(site):
    site.hosts.fault("refuse", "w2")
    try:
        done = {one.host: one for one in site.enroll("w1", "w2", "w3")}
    finally:
        site.hosts.heal()
    assert {name: one.status for name, one in done.items()} == {
        "w1": "enrolled", "w2": "unreachable", "w3": "enrolled",
    }  # fmt: skip
    assert done["w2"].stage == "connect"


@pytest.mark.parametrize("account", ["root", "", "a b", "-x", "x:y", "../x", "x\ny"])
def test_names_that_are_no_account_are_refused(account):
    with pytest.raises(DistributorError, match="no name for the account"):
        Enrollment((KEY,), account)


@pytest.mark.parametrize(
    "line",
    ["", "x", 'command="sh" ' + KEY, KEY + "\nssh-ed25519 AAAA", "ssh-ed25519 AAAA", "ssh-dss" + KEY[11:], "# no key"],
)
def test_lines_that_are_no_public_key_are_refused(line):
    with pytest.raises(DistributorError, match="no public key"):
        Enrollment((line,))
    Enrollment((KEY,))


def test_bindings_in_other_places_are_let_in_and_dangerous_ones_are_not():
    assert places_for(["/etc/dsas.conf", "/etc/dsas.d/dsas.sh"]) == ("/etc/dsas.*", "/etc/dsas.d/*")
    assert places_for(["/srv/www/dsas.php"])[-1] == "/srv/www/dsas.php"
    for path in ("/etc/dsas/gate", "/srv/*", "/srv/a b", "/srv/../etc/passwd"):
        with pytest.raises(DistributorError, match="cannot be let in"):
            places_for([path])


def test_all_verbs_work_through_the_account(site, folder, tmp_path):
    made = folder('account = ""\n')
    done = site.command("enroll", "ps", "--json", folder=made)
    assert done.returncode == 0, done.stderr
    assert {host["result"] for host in json.loads(done.stdout)["hosts"]} == {"enrolled"}
    folder('account = "dsas"\n')
    first = site.command("push", "--canary", "1", folder=made)
    assert (first.returncode, "updated" in first.stdout) == (0, True), first
    assert site.hosts.read("w2", "/etc/dsas.d/self") == b"w2\n"
    site.on("w2", "echo '#' >>/etc/dsas.conf")
    status = site.command("status", "--live", "--json", folder=made)
    assert status.returncode == 3
    hosts = {host["host"]: host for host in json.loads(status.stdout)["hosts"]}
    assert (hosts["w1"]["result"], hosts["w2"]["result"]) == ("current", "drifted")
    assert hosts["w2"]["drift"] == ["/etc/dsas.conf"]
    shown = site.command("push", "--dry-run", "--diff", folder=made)
    assert "/etc/dsas.conf" in shown.stdout
    assert site.command("push", folder=made).returncode == 0
    assert "sh -c" not in site.hosts.log("w1")
    (tmp_path / "matrix.toml").write_text((made / "matrix.toml").read_text())
    line = [sys.executable, "-m", "matrix_console", "adopt", "w1", "-o", str(tmp_path / "taken")]
    taken = subprocess.run(
        line, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path, env=site.environment()
    )
    assert taken.returncode == 0, taken.stderr
    assert (tmp_path / "taken/MATRIX").read_bytes() == (made / "MATRIX").read_bytes()
    forced = site.command("push", "--force", folder=made)
    assert (forced.returncode, "MATRIX_PUSH_ACCOUNT=" in forced.stderr) == (2, True)
    assert site.command("enroll", "ps", "--remove", folder=made).returncode == 0
    gone = site.command("push", folder=made)
    assert (gone.returncode, "dsas may not log in" in gone.stdout) == (4, True)
    assert "with your own login: matrix enroll HOSTS" in gone.stdout


def test_the_daemon_keeps_hosts_through_the_account_and_signs(site, folder, tmp_path, signer):
    (tmp_path / "signers").write_text(f"{signer.allowed_signer}\n")
    signing = f'[sign]\nkey = "{signer.label}"\nallowed_signers = "{tmp_path}/signers"\n'
    made = folder(f'account = "dsas"\n{signing}')
    done = site.command("enroll", "ps", folder=made)
    assert done.returncode == 0, done.stderr
    env = site.environment()
    line = [sys.executable, "-m", "matrix_console", "watch", "--log", "json", "-f", str(made)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=env) as daemon:
        try:
            await_generation(site, 1)
            (made / "MATRIX").write_text((made / "MATRIX").read_text() + "# another\n")
            await_generation(site, 2)
        finally:
            daemon.send_signal(signal.SIGTERM)
            said = daemon.stderr.read()
    assert daemon.returncode == 0, said
    for name in ("w1", "w2"):
        folder_there = "/var/lib/dsas/generations/$(cut -d' ' -f1 /var/lib/dsas/current)"
        assert "BEGIN SSH SIGNATURE" in site.on(name, f"cat {folder_there}/manifest.json.sig")
    words = ["adopt", "--allowed-signers", str(tmp_path / "signers"), "-o", str(tmp_path / "taken")]
    host = str(site.hosts.path("w1", "/"))
    line = [sys.executable, "-m", "matrix_console", *words, host]
    assert subprocess.run(line, capture_output=True, timeout=60, check=False, env=env).returncode == 0
    (tmp_path / "signers").write_text(f'matrix namespaces="matrix" {KEY}\n')
    line[line.index(str(tmp_path / "taken"))] = str(tmp_path / "again")
    refused = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert (refused.returncode, "is not signed by any" in refused.stderr) == (1, True)
    assert not (tmp_path / "again").exists()


def test_a_daemon_that_reads_a_signing_key_signs_what_is_in_force(site, folder, tmp_path, signer):
    (tmp_path / "signers").write_text(f"{signer.allowed_signer}\n")
    signing = f'[sign]\nkey = "{signer.label}"\nallowed_signers = "{tmp_path}/signers"\n'
    made = folder('account = "dsas"\n')
    settings = made / "matrix.toml"
    plain = settings.read_text()
    settings.write_text(plain + signing)
    assert site.command("enroll", "ps", folder=made).returncode == 0
    settings.write_text(plain)
    line = [sys.executable, "-m", "matrix_console", "watch", "--log", "json", "-f", str(made)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=site.environment()) as daemon:
        try:
            await_event(daemon, "pushed", 1)
            settings.write_text(plain + signing)
            await_event(daemon, "pushed", 2)
            daemon.send_signal(signal.SIGHUP)
            await_generation(site, 2)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.stderr.read()


def await_event(daemon, event, generation):
    for line in daemon.stderr:
        said = json.loads(line)
        if (said["event"], said.get("generation")) == (event, generation):
            return
    pytest.fail("the daemon has ended")


def await_generation(site, number):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        paths = [site.hosts.path(name, "/var/lib/dsas/current") for name in ("w1", "w2")]
        if all(path.exists() and path.read_text().startswith(f"{number}-") for path in paths):
            return
        time.sleep(0.05)
    pytest.fail(f"not every host has generation {number}")


def test_the_tools_of_busybox_will_do_beside_sudo(site, generation):
    """All but sudo, visudo and useradd are busybox's, the shell of the scripts among them."""
    require("busybox")
    site.on("w1", "mkdir /run/tools && busybox --install -s /run/tools && mount --bind /run/tools /usr/local/bin")
    try:
        assert site.on("w1", "PATH=/usr/local/bin:/usr/bin; readlink -f $(command -v find)").strip().endswith("busybox")
        assert [one.status for _ in range(2) for one in site.enroll("w1")] == ["enrolled", "unchanged"]
        first = generation(1)
        assert site.send("w1", first).returncode == 0
        assert site.state("w1") == "whole"
        assert site.send("w1", generation(2, first)).returncode == 0
        assert site.send("w1", first).returncode == 60
        assert site.enter("w1", "dsas install 1 x w1", first.archive).returncode == 69
        enrollment = Enrollment((site.public,))
        with site.pool() as pool:
            (done,) = dismiss(enrollment, [site.target("w1")], Reach(pool))
        assert done.status == "removed"
    finally:
        site.on("w1", "umount /usr/local/bin; rm -rf /run/tools")
