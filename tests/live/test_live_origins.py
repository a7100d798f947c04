"""More than one origin, and hosts that were somewhere else in time: on real sshd hosts."""

import shutil
import signal
import time


def contents(origin, host):
    """The digest of every file of the bindings on a host."""
    return origin.fleet.run(host, "sh", "-c", "cd /etc && sha256sum dsas.* dsas.d/dsas.sh").stdout


def beside(origin, name):
    """A second origin with the same text and state."""
    other = object.__new__(type(origin))
    vars(other).update(vars(origin), folder=origin.folder.with_name(name))
    shutil.copytree(origin.folder, other.folder)
    other.matrix = other.folder / "MATRIX"
    return other


def log_of(folder):
    return "".join(path.read_text() for path in sorted(folder.glob("watch-*.log")))


def wait_for(condition, told=lambda: ""):
    end = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.1)


def test_two_daemons_on_one_fleet_do_not_fight_over_it(origin, watch):
    origin.run("push")
    other = beside(origin, "other")
    first, second = watch(origin.folder), watch(other.folder)
    wait_for(lambda: "event=pushed" in log_of(origin.folder) and "event=pushed" in log_of(other.folder))
    origin.edit("h3", "[WARN: by the first]")
    origin.await_generation(2)
    before = contents(origin, "h1")
    other.edit("h3", "[WARN: by the second]")
    wait_for(lambda: log_of(other.folder).count("event=host-refused") >= 24, lambda: log_of(other.folder))
    assert "two origins" in log_of(other.folder)
    assert {contents(origin, host) for host in origin.fleet.names} == {before}, "no host followed the second"
    time.sleep(1.5)
    assert log_of(other.folder).count("event=host-refused") == 24, "refused once, and said once"
    assert "host-refused" not in log_of(origin.folder)
    second.send_signal(signal.SIGTERM)
    assert second.wait(40) == 0
    origin.edit("h3", "[WARN: by the first, again]")
    origin.await_generation(3)
    first.send_signal(signal.SIGTERM)
    assert first.wait(40) == 0
    refused = other.json("status", status=3)
    assert {host["result"] for host in refused["hosts"]} == {"refused"}


def test_the_disk_of_a_running_origin_is_lost_and_another_takes_over(origin, watch):
    daemon = watch()
    origin.await_generation(1)
    origin.edit("h3", "[WARN: before]")
    origin.await_generation(2)
    daemon.send_signal(signal.SIGKILL)
    daemon.wait(10)
    shutil.rmtree(origin.folder)
    origin.folder.mkdir()
    origin.environment |= {"MATRIX_SSH_CONFIG": str(origin.fleet.ssh_config), "MATRIX_SSH_AGENT": "false"}
    assert "every file whole" in origin.run("adopt", "h9")
    assert "before" in origin.matrix.read_text()
    (origin.folder / "empty").write_text("")
    watch()
    origin.edit("h3", "[WARN: after]")
    origin.await_generation(3)
    assert len({contents(origin, host) for host in origin.fleet.names}) == 1


def test_hosts_that_were_restored_from_an_old_backup_come_to_the_newest_generation(origin, watch):
    (origin.folder / "matrix.toml").write_text(
        (origin.folder / "matrix.toml").read_text().replace("[watch]", "[watch]\nverify = 0.5\nrepair = true")
    )
    watch()
    origin.await_generation(1)
    backup = "tar -cf /root/backup.tar -C / etc/dsas.conf etc/dsas.json etc/dsas.d var/lib/dsas"
    for host in ("h1", "h2"):
        assert origin.fleet.run(host, "sh", "-c", backup).returncode == 0
    for number in (2, 3, 4):
        origin.edit("h3", f"weight={number}")
        origin.await_generation(number)
    whole = origin.fleet.run("h1", "sh", "-c", "rm -rf /var/lib/dsas/* /etc/dsas* && tar -xf /root/backup.tar -C /")
    assert whole.returncode == 0, whole.stderr
    part = origin.fleet.run("h2", "tar", "-xf", "/root/backup.tar", "-C", "/", "etc")  # its /var was on another disk
    assert part.returncode == 0, part.stderr
    wait_for(lambda: len({contents(origin, host) for host in ("h1", "h2", "h3")}) == 1, lambda: log_of(origin.folder))
    origin.await_generation(4)
    for host in ("h1", "h2"):
        assert origin.fleet.read(host, "/var/lib/dsas/current").startswith(b"4-")


def test_told_to_stop_with_slow_hosts_in_flight_none_is_left_half_and_a_restart_goes_on(origin, watch):
    slow = ["h1", "h2", "h3"]
    origin.fleet.fault("slow:150", *slow)
    daemon = watch()
    origin.await_generation(1, [host for host in origin.fleet.names if host not in slow])
    began = time.monotonic()
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(40) == 0
    assert time.monotonic() - began < 25
    for host in slow:
        assert origin.generation_on(host) in (0, 1)
        left = origin.fleet.run(host, "sh", "-c", "ls -A /var/lib/dsas/generations 2>/dev/null | grep tmp")
        assert left.stdout == b"", "nothing half lies about"
    origin.edit("h4", "[WARN]")
    watch()
    origin.await_generation(2)
