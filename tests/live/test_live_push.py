"""The slice that must work, on real sshd hosts: push, edit, and a look into every host's own files from outside."""

import hashlib
import shutil
import signal
import subprocess


def in_place(origin):
    """What each host holds under /etc/dsas*, by path, as one digest per host."""
    held = {}
    for name in origin.fleet.names:
        files = origin.fleet.run(name, "sh", "-c", "cd /etc && sha256sum dsas.* dsas.d/* 2>/dev/null | grep -v self")
        held[name] = hashlib.sha256(files.stdout).hexdigest()
    return held


def test_a_push_and_an_edit_reach_every_host(origin):
    assert "updated        24  h[1-24]" in origin.run("push")
    assert {origin.generation_on(host) for host in origin.fleet.names} == {1}
    assert len(set(in_place(origin).values())) == 1
    for host in origin.fleet.names:
        assert origin.fleet.read(host, "/etc/dsas.d/self").decode() == f"{host}\n"
        assert origin.fleet.exists(host, "/var/lib/dsas/current")
    origin.edit("h3", "[STOP: disk]")
    answer = origin.json("push")
    assert (answer["generation"], {host["result"] for host in answer["hosts"]}) == (2, {"updated"})
    assert answer["hosts"][-1]["host"] == "h3", "what is out of service comes last, but it comes"
    for host in origin.fleet.names:
        asked = origin.fleet.run(host, "sh", "-euc", ". /etc/dsas.conf; echo $DSAS_GENERATION; dsas_state h3")
        assert asked.stdout == b"2\nSTOP\n", asked.stderr
    assert "current        24" in origin.run("push"), "nothing changed, nothing sent"
    assert "current        24  h[1-24]" in origin.run("status")
    assert origin.json("status", "--live")["current"] == 24


def test_a_dry_run_and_a_difference_touch_nothing(origin):
    assert "send           24  h[1-24]" in origin.run("push", "--dry-run")
    assert not origin.fleet.exists("h1", "/etc/dsas.conf")
    origin.run("push")
    origin.edit("h3", "weight=7")
    text = origin.run("push", "--dry-run", "--diff")
    assert "h[1-24]: /etc/dsas.json" in text
    assert "+DSAS_" in text or "+weight=7" in text
    assert origin.generation_on("h1") == 1
    assert origin.json("push", "--dry-run")["steps"][0]["action"] == "send"


def test_a_part_of_the_hosts_can_be_pushed_to(origin):
    origin.run("push", "db")
    assert origin.generation_on("h17") == 1
    assert not origin.fleet.exists("h1", "/etc/dsas.conf")
    text = origin.run("status", status=3)
    assert "unknown        16  h[1-16]" in text
    assert "never pushed to, and never asked" in text


def test_bad_hosts_are_each_named_with_stage_and_cause_and_the_others_are_served(origin):
    faults = {"h1": "refuse", "h2": "hang", "h3": "wrongkey", "h4": "nokey", "h5": "denied", "h6": "ro", "h7": "full",
              "h8": "cut:8", "h9": "blackhole", "h10": "hangcmd"}  # fmt: skip
    origin.fleet.fault("slow:300", "h11")  # it is served all the same
    for host, fault in faults.items():
        origin.fleet.fault(fault, host)
    answer = origin.json("push", "--retry", "0", status=3)
    hosts = {host["host"]: host for host in answer["hosts"]}
    assert len(hosts) == len(answer["hosts"]) == 24
    good = [name for name in origin.fleet.names if name not in faults]
    assert all(hosts[name]["result"] == "updated" and origin.generation_on(name) == 1 for name in good)
    for name in faults:
        assert hosts[name]["result"] in ("unreachable", "failed"), hosts[name]
        assert hosts[name]["stage"], hosts[name]
        assert hosts[name]["cause"], hosts[name]
        assert hosts[name]["cure"], hosts[name]
    assert hosts["h1"]["stage"] == "connect"
    assert hosts["h3"]["stage"] == hosts["h4"]["stage"] == "host key"
    assert hosts["h5"]["stage"] == "login"
    assert "Read-only" in hosts["h6"]["cause"]
    assert "No space left" in hosts["h7"]["cause"]
    origin.fleet.heal()
    healed = origin.json("push")
    assert {host["result"] for host in healed["hosts"]} == {"current", "updated"}
    assert len(set(in_place(origin).values())) == 1


def test_when_no_host_can_be_reached_the_status_is_4(origin):
    origin.fleet.fault("refuse", *origin.fleet.names)
    origin.run("push", "--retry", "0", status=4)


def test_the_daemon_carries_an_edit_to_every_host_and_heals_what_comes_back(origin, watch):
    watch()
    origin.await_generation(1)
    origin.edit("h3", "[WARN]")
    seconds = origin.await_generation(2)
    print(f"edit on {len(origin.fleet.names)} hosts in {seconds:.2f} s")
    faults = (
        "refuse",
        "hang",
        "blackhole",
        "ro",
        "full",
        "wrongkey",
        "nokey",
        "denied",
        "hangcmd",
        "cut:8",
        "slow:300",
    )
    bad = origin.fleet.names[: len(faults)]
    for host, fault in zip(bad, faults, strict=True):
        origin.fleet.fault(fault, host)
    origin.edit("h3", "[WARN: fan]")
    origin.await_generation(3, [host for host in origin.fleet.names if host not in bad])
    origin.fleet.heal()
    origin.await_generation(3)
    assert len(set(in_place(origin).values())) == 1
    assert "current        24" in origin.run("status"), "the state is read while the daemon runs"


def test_a_daemon_that_is_killed_is_followed_by_one_that_goes_on(origin, watch):
    first = watch()
    origin.await_generation(1)
    origin.edit("h3", "[WARN]")
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    watch()
    origin.await_generation(2)
    origin.edit("h3", "[STOP]")
    origin.await_generation(3)
    assert len(set(in_place(origin).values())) == 1


def test_two_pushers_at_once_leave_every_host_whole(origin):
    origin.run("push")
    origin.edit("h3", "[WARN]")
    pushers = [
        subprocess.Popen(origin.command("push"), cwd=origin.folder, env=origin.environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for pusher in pushers:
        output, _ = pusher.communicate(timeout=120)
        assert pusher.returncode == 0, output
    assert len(set(in_place(origin).values())) == 1
    assert origin.json("status", "--live")["current"] == 24


def test_when_the_origin_is_lost_any_host_gives_a_new_one_and_the_old_one_is_refused(origin):
    origin.run("push")
    old = origin.folder.with_name("old")
    shutil.copytree(origin.folder, old)
    shutil.rmtree(origin.folder)
    origin.folder.mkdir()
    environment = {"MATRIX_SSH_CONFIG": str(origin.fleet.ssh_config), "MATRIX_SSH_AGENT": "false"}
    origin.environment |= environment
    assert "every file whole" in origin.run("adopt", "h7")
    (origin.folder / "empty").write_text("")
    origin.edit("h3", "[WARN: new origin]")
    assert origin.json("push")["generation"] == 2
    origin.folder = old
    origin.matrix = old / "MATRIX"
    origin.edit("h3", "[WARN: old origin]")
    refused = origin.json("push", status=3)
    assert {host["result"] for host in refused["hosts"]} == {"refused"}
    assert all("two origins" in host["cause"] for host in refused["hosts"])
    assert all(origin.generation_on(host) == 2 for host in origin.fleet.names)
