"""An install that is cut off at any point leaves each file old or new, and whoever comes next completes it."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from matrix_shims import begin_count, by_path, counted, write_shims

from matrix_common.trouble import Trouble
from matrix_distributor.generation.delta import delta
from matrix_distributor.hostside.requests import (
    HostState,
    change_command,
    install_command,
    query_command,
    read_state,
)

TOOLS = ("mkdir", "tar", "gzip", "sha256sum", "flock", "cp", "sync", "mv", "rm", "sed")
STEPS = 80


@pytest.fixture
def host(host):
    """The host with a shell that finds its tools by PATH, as faults need; as it is it runs in test_install.py."""
    return by_path(host)


@pytest.fixture
def killable(host, tmp_path):
    """The host with tools that can kill an install at its n-th step."""
    shims = tmp_path / "shims"
    write_shims(shims, host, TOOLS)

    def install(generation, at=0, when="before", on=host, earlier=None):
        begin_count(shims)
        environment = {"AT": str(at), "WHEN": when, "PERL5LIB": str(shims), "PERL5OPT": "-MKillAt"}
        faulty = replace(on, path=f"{shims}:{host.path}", environment=environment)
        if earlier is None:
            reply = faulty.run(install_command(generation, "w1"))
        else:
            reply = faulty.run(change_command(generation, delta(generation, earlier), "w1"))
        return reply, counted(shims)

    return install


def perl(host):
    """Whether perl does the work on that host."""
    return shutil.which("perl", path=host.path) is not None


def whole_files(host, *sets):
    """Every file in place is that of one of these sets, whole; returns how many are."""
    found = host.files()
    for path, content in found.items():
        assert any(files.get(path) == content for files in sets), path
    return len(found)


@pytest.mark.parametrize(
    ("host", "when", "sent"),
    [("dash", "before", "whole"), ("dash", "after", "whole"), ("busybox", "before", "whole"),
     ("perl", "before", "whole"), ("perl", "after", "whole"), ("kept", "before", "whole"), ("within", "after", "whole"),
     ("perl", "before", "changes"), ("perl", "after", "changes"), ("within", "before", "changes")],
    indirect=["host"],
)  # fmt: skip
def test_killed_at_any_step_it_leaves_old_or_new_and_the_next_completes_it(
    host, killable, generation, in_place, tmp_path, when, sent, without_perl
):
    first = generation(1, extra={"/etc/old/gone.conf": b"1\n", "/etc/dsas.pl": b"1;\n"})
    second = generation(2, first, extra={"/etc/new/come.conf": b"2\n", "/etc/dsas.pl": b"2;\n"})
    third = generation(3, second)
    host.install(first)
    healers = (
        ("same", lambda victim: victim.install(second), second),
        ("later", lambda victim: victim.install(third), third),
        ("repair", lambda victim: victim.script("repair"), None),
    )
    earlier = first if sent == "changes" else None
    steps = killable(second, on=host.copy(tmp_path / "counted"), earlier=earlier)[1]
    assert 15 < steps < STEPS
    for at in range(1, steps + 1):
        victim = host.copy(tmp_path / f"victim-{at}")
        reply, _ = killable(second, at, when, on=victim, earlier=earlier)
        # What settles in the background runs beside the end of the install, which may be over before it is killed.
        # What stands ready has answered by its last step.
        assert reply.status == 137 or (reply.status == 0 and at >= steps - 1)
        assert whole_files(victim, in_place(first), in_place(second)) >= 3
        name, heal, result = healers[(at + len(when)) % 3]
        # What perl left is put right by sh as well, and the other way round.
        heal(replace(victim, path=str(without_perl), kept="") if at % 2 and perl(host) else victim)
        expected = result or (second if victim.state().generation == 2 else first)
        assert victim.files() == in_place(expected), f"{name} after a kill {when} step {at}"
        assert victim.state() == HostState(expected.number, expected.digest, "whole")
        if name != "repair":  # what was being unpacked is cleared away by the next stream, not by repair
            assert victim.leftovers() == [], f"{name} after a kill {when} step {at}"
        shutil.rmtree(victim.root)


@pytest.mark.parametrize("host", ["dash", "perl"], indirect=True)
def test_a_first_install_killed_at_any_step_is_completed_by_the_next(host, killable, generation, in_place, tmp_path):
    first = generation(1)
    steps = killable(first, on=host.copy(tmp_path / "counted"))[1]
    for at in range(1, steps + 1, 2):
        victim = host.copy(tmp_path / f"victim-{at}")
        killable(first, at, "after", on=victim)
        assert set(victim.files().items()) <= set(in_place(first).items())
        assert isinstance(victim.install(first), HostState)
        assert victim.files() == in_place(first)
        assert victim.leftovers() == []
        shutil.rmtree(victim.root)


@pytest.mark.parametrize("host", ["busybox"], indirect=True)
def test_a_repair_killed_at_any_step_is_completed_by_the_next(host, killable, generation, in_place, tmp_path):
    first = generation(1)
    second = generation(2, first, extra={"/etc/new/come.conf": b"2\n"})
    host.install(first)
    shims = tmp_path / "shims"
    killable(second, 14, "after", on=host)  # in the middle of putting files in place
    for at in range(2, STEPS, 2):
        victim = host.copy(tmp_path / f"victim-{at}")
        begin_count(shims)
        faulty = replace(victim, path=f"{shims}:{host.path}", environment={"AT": str(at), "WHEN": "before"})
        done = subprocess.run(
            [*host.shell, str(victim.root / "var/lib/dsas/install.sh"), "repair"],
            env={"PATH": faulty.path, "DSAS_ROOT": str(victim.root), **faulty.environment},
            capture_output=True, process_group=0, timeout=60, check=False,
        )  # fmt: skip
        whole_files(victim, in_place(first), in_place(second))
        assert victim.script("repair").returncode == 0
        assert victim.files() in (in_place(first), in_place(second))
        shutil.rmtree(victim.root)
        if done.returncode == 0:
            break
    assert done.returncode == 0, "the repair has fewer steps than were tried"


@pytest.mark.parametrize("host", ["dash", "busybox", "perl", "kept", "within"], indirect=True)
def test_a_stream_cut_anywhere_changes_nothing(host, generation, in_place):
    first = generation(1)
    host.install(first)
    second = generation(2, first)
    whole = install_command(second, "w1")
    for cut in (*range(0, len(second.archive), max(1, len(second.archive) // 40)), len(second.archive) - 1):
        reply = host.run(replace(whole, stdin=second.archive[:cut]))
        answer = read_state(reply)
        if isinstance(answer, HostState):
            assert answer.generation == 2, "only what was sent whole may be put in place"
            continue
        assert reply.status == 63
        assert host.files() == in_place(first)
        assert host.leftovers() == []
    assert isinstance(host.install(second), HostState)


def test_a_stream_with_a_damaged_byte_changes_nothing(host, generation, in_place):
    import gzip

    first = generation(1)
    host.install(first)
    second = generation(2, first)
    raw = bytearray(gzip.decompress(second.archive))
    at = raw.index(b"DSAS_GENERATION=2")
    raw[at] = ord("X")
    reply = host.run(replace(install_command(second, "w1"), stdin=gzip.compress(bytes(raw))))
    assert reply.status == 63
    assert host.files() == in_place(first)


@pytest.mark.needs("root", "unshare", "mount")
@pytest.mark.parametrize("kib", [112, 116, 124, 148, 180, 220, 300])
def test_a_full_disk_changes_nothing_and_is_named(host, generation, in_place, kib, tmp_path):
    first = generation(1)
    second = generation(2, first, extra={"/etc/dsas.json": os.urandom(30_000)})
    script = (
        'set -e; mount -t tmpfs -o size=1m none "$1"; DSAS_ROOT=$1 PATH=$OWN "$2" -c "$3" <"$4" >/dev/null; '
        'mount -o remount,size="$7"k none "$1"; '
        'DSAS_ROOT=$1 PATH=$OWN "$2" -c "$5" <"$6" 2>&1 >/dev/null && echo fitted || echo "status $?"; '
        'rm -rf "$8"; cp -r "$1" "$8"; mount -o remount,size=1m none "$1"; '
        'DSAS_ROOT=$1 PATH=$OWN "$2" -c "$5" <"$6" >/dev/null; rm -rf "$9"; cp -r "$1" "$9"'
    )
    commands = install_command(first, "w1"), install_command(second, "w1")
    for name, command in zip("12", commands, strict=True):
        (tmp_path / name).write_bytes(command.preface + command.stdin)
    lines = [command.line for command in commands]
    shell = shutil.which(host.shell[0])
    full, healed = tmp_path / "full", tmp_path / "healed"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", str(host.root), shell, lines[0], tmp_path / "1", lines[1],
         tmp_path / "2", str(kib), str(full), str(healed)],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "OWN": host.path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    after = replace(host, root=full)
    if "fitted" in done.stdout:
        assert after.files() == in_place(second)
    else:
        assert "No space left on device" in done.stdout
        whole_files(after, in_place(first), in_place(second))
        assert after.state().generation == 1
    after = replace(host, root=healed)
    assert after.files() == in_place(second)
    assert after.leftovers() == []


@pytest.mark.needs("root", "unshare", "mount")
@pytest.mark.parametrize("folder", ["etc", "var/lib/dsas"])
def test_a_read_only_folder_changes_nothing_and_is_named(host, generation, in_place, folder):
    first = generation(1)
    host.install(first)
    second = generation(2, first)
    command = install_command(second, "w1")
    script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && PATH=$OWN && exec "$2" -c "$3"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", str(host.root / folder), shutil.which(host.shell[0]),
         command.line],
        input=command.preface + command.stdin, capture_output=True, timeout=60, check=False,
        env={**os.environ, "OWN": host.path, "DSAS_ROOT": str(host.root)},
    )  # fmt: skip
    assert done.returncode != 0
    assert b"Read-only file system" in done.stderr
    assert host.files() == in_place(first)
    assert isinstance(host.install(second), HostState)
    assert host.leftovers() == []


@pytest.mark.parametrize("tool", ["tar", "gzip", "sha256sum", "cp", "mv", "sync", "rm"])
def test_a_missing_tool_changes_nothing_and_is_named(host, generation, in_place, tool, tmp_path):
    first = generation(1)
    host.install(first)
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in host.path.split(":"):
        for path in Path(folder).glob("*"):
            if path.name != tool and not (tools / path.name).exists():
                (tools / path.name).symlink_to(path)
    second = generation(2, first)
    poor = replace(host, shell=(str(tools / Path(host.shell[0]).name),), path=str(tools))
    answer = poor.install(second)
    if perl(host) and tool not in ("gzip", "sha256sum", "sync"):
        assert isinstance(answer, HostState), "perl does without"
        return
    assert isinstance(answer, Trouble)
    assert tool in answer.cause
    assert host.files() == in_place(first)


def test_two_pushers_at_once_leave_one_generation_whole(host, generation, in_place):
    first = generation(1)
    host.install(first)
    second = generation(2, first, extra={"/etc/a.conf": b"2\n"})
    third = generation(3, second, extra={"/etc/b.conf": b"3\n"})
    environment = {"PATH": host.path, "DSAS_ROOT": str(host.root)}
    pushers = []
    for made in (second, third, second, third):
        command = install_command(made, "w1", force=True)
        child = subprocess.Popen(
            [*host.shell, "-c", command.line], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        pushers.append((child, command.preface + command.stdin))
    for child, archive in pushers:
        stdin = child.stdin
        stdin.write(archive)
        stdin.close()
    for child, _ in pushers:
        assert child.wait(60) == 0, child.stderr.read()
        child.stdout.close()
        child.stderr.close()
    expected = {2: second, 3: third}[host.state().generation]
    assert host.files() == in_place(expected)
    assert host.state().condition == "whole"
    assert host.leftovers() == []


def test_a_host_whose_clock_is_in_1970_is_served(host, generation, in_place, tmp_path):
    """The archive's times lie in that host's future: tar says so, and it does not matter."""
    far = generation(1)
    answer = host.install(replace(far, manifest=replace(far.manifest, time="2099-01-01T00:00:00Z")))
    assert isinstance(answer, HostState)
    assert host.files() == in_place(far)


def test_half_a_file_is_never_seen(host, generation, tmp_path):
    """A reader that loads the binding all the time, while generations are put in place one after another."""
    current = generation(1, salt="x" * 20_000)
    host.install(current)
    reader = (
        "import sys, pathlib\n"
        "path = pathlib.Path(sys.argv[1]); seen = set()\n"
        "print('ready', flush=True)\n"
        "while not pathlib.Path(sys.argv[2]).exists():\n"
        "    text = path.read_text()\n"
        "    assert text.endswith('x\\n') and text.startswith('DSAS_GENERATION='), text[-20:]\n"
        "    seen.add(text.split()[0])\n"
        "print(len(seen))\n"
    )
    stop = tmp_path / "stop"
    child = subprocess.Popen(
        [sys.executable, "-c", reader, str(host.root / "etc/dsas.conf"), str(stop)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "ready\n"
    for number in range(2, 12):
        current = generation(number, current, salt="x" * 20_000)
        host.install(current)
    stop.touch()
    assert int(child.stdout.read()) >= 2
    assert child.wait(30) == 0
    child.stdout.close()


def test_asking_is_one_round_trip_and_small(host, generation):
    host.install(generation(1))
    command = query_command()
    assert len(command.line) < 200
    assert command.stdin == b""
    assert len(host.run(command).stdout) < 100
