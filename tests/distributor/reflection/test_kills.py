"""Killed at any step, a host has a whole file in place that its check took; whoever comes next brings it to an end."""

import os
import subprocess
from dataclasses import replace

import pytest
from matrix_shims import begin_count, by_path, counted, write_shims

from matrix_distributor.dialogue import Reply

TOOLS = ("mktemp", "tar", "sha256sum", "chmod", "mkdir", "mv", "ln", "sync", "rm", "cat", "grep")
NEW, OLD, LATER = "weight 10\n", "weight 5\n", "weight 7\n"


class Killable:
    """A private host whose tools count, and kill what runs at one of the steps; with `power` all that runs there."""

    def __init__(self, host, shims, folder):
        self._host, self._shims, self._folder = host, shims, folder
        self.name, self.root, self.environment = host.name, host.root, {}
        self.sent = None

    def arm(self, at, when, power):
        self.environment = {"AT": str(at), "WHEN": when} | ({"ALSO": str(self._folder / "main")} if power else {})

    def run(self, command):
        if not command.stdin:  # asking what is there is not what is to be killed
            return self._host.run(command)
        begin_count(self._shims)
        line = f"echo $$ >{self._folder}/main; exec {command.line}"
        done = subprocess.run(
            [*self._host.shell, "-c", line], input=command.stdin, capture_output=True, timeout=60, check=False,
            process_group=0,
            env={"PATH": f"{self._shims}:{self._host.path}", "DSAS_ROOT": str(self.root), **self.environment},
        )  # fmt: skip
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        self.sent = Reply(status, done.stdout, done.stderr, 0.0)
        return self.sent

    @property
    def steps(self):
        return counted(self._shims)


@pytest.fixture
def owner():
    """Whose the folder of the file is."""
    return 0


@pytest.fixture
def hosts(host, tmp_path, owner):
    """Makes hosts, each with an old file, whose n-th step can be made their last."""
    host = by_path(host)
    shims = tmp_path / "shims"
    write_shims(shims, host, TOOLS)
    numbers = iter(range(1000))

    def make():
        number = next(numbers)
        root = tmp_path / f"root-{number}"
        (root / "etc/lb").mkdir(parents=True)
        (root / "etc/lb/lb.conf").write_text(OLD)
        if owner:
            os.chown(root / "etc/lb", owner, owner)
        return replace(host, root=root), Killable(replace(host, root=root), shims, root)

    return make


def lines(root):
    """Check that nobody's half file would pass; apply that writes down what it applied."""
    return {"check": "grep -q weight %s", "apply": f"read -r x <{root}/etc/lb/lb.conf; echo $x >>{root}/log"}


def in_force(root):
    """The file in place, and what was applied last."""
    log = root / "log"
    applied = log.read_text().splitlines(keepends=True)[-1] if log.exists() else OLD
    return (root / "etc/lb/lb.conf").read_text(), applied


@pytest.mark.parametrize(
    ("host", "when", "power", "every", "owner"),
    [
        ("dash", "before", False, 1, 0),
        ("busybox", "after", False, 2, 0),
        ("dash", "after", True, 1, 0),
        pytest.param("dash", "after", True, 2, 65534, marks=pytest.mark.needs("root")),
    ],
    indirect=["host"],
)
def test_killed_at_any_step(hosts, file, applied, strays, when, power, every):
    _, whole = hosts()
    assert applied(whole, file(NEW, **lines(whole.root))).ok
    steps = whole.steps
    assert 15 < steps < 60
    survived = 0
    for at in range(1, steps + 1, every):
        host, victim = hosts()
        victim.arm(at, when, power)
        outcome = applied(victim, file(NEW, **lines(host.root)))
        place, last = in_force(host.root)
        assert place in (OLD, NEW), at
        if victim.sent.status != 137:  # one half of it was killed, the other brought it to an end
            assert not power, at
            survived += 1
            assert place == last == (NEW if outcome.ok else OLD), (at, outcome)
            assert strays(host.root) == [], at
        # Whoever comes next: the same again, another one, or one that cannot be applied, in turn.
        if at % 3 == 0:
            assert applied(host, file(NEW, **lines(host.root))).ok
            assert in_force(host.root) == (NEW, NEW), at
        elif at % 3 == 1:
            assert applied(host, file(LATER, **lines(host.root))).ok
            assert in_force(host.root) == (LATER, LATER), at
        else:
            apply = f"{lines(host.root)['apply']}; ! grep -q 'weight 7' {host.root}/etc/lb/lb.conf"
            outcome = applied(host, file(LATER, check="grep -q weight %s", apply=apply))
            assert outcome.stage == "apply", outcome
            place, last = in_force(host.root)
            assert place == last
            assert place in (OLD, NEW), at
        # The next that is sent there clears up; a folder that bears no number yet once it is a minute old.
        if left := strays(host.root):
            for path in left:
                os.utime(host.root / path, (0, 0))
            assert applied(host, file(NEW + LATER, check="grep -q weight %s")).ok
            assert strays(host.root) == [], at
    assert survived >= (0 if power else 3)


@pytest.mark.parametrize("host", ["dash"], indirect=True)
def test_a_file_that_was_never_applied_never_comes_back(hosts, file, applied, strays):
    """All of it is killed while a file is applied, again and again: what comes back is the last that was applied."""
    host, _ = hosts()
    suicide = f"read -r group <{host.root}/main; kill -s KILL -- -$group; kill -9 $PPID $$"
    for content in ("weight 11\n", "weight 12\n"):
        victim = hosts()[1]
        victim = Killable(host, victim._shims, host.root)
        assert not applied(victim, file(content, apply=suicide)).ok
        assert (host.root / "etc/lb/lb.conf").read_text() == content
    apply = f"{lines(host.root)['apply']}; grep -q 'weight 5' {host.root}/etc/lb/lb.conf"
    outcome = applied(host, file("weight 13\n", apply=apply))
    assert (outcome.stage, in_force(host.root)) == ("apply", (OLD, OLD))
    assert strays(host.root) == []


@pytest.mark.parametrize("host", ["dash", "busybox"], indirect=True)
def test_a_switch_that_was_cut_off_is_applied_the_next_time_although_the_file_is_the_same(hosts, file, applied, strays):
    host, _ = hosts()
    folder = host.root / "etc/lb/.dsas-lb.conf"
    folder.mkdir()
    (folder / "pid").write_text("999999999\n")
    (folder / "old").write_text("weight 1\n")
    (folder / "new").write_text("cf7ceaf0d7db7d3fb47d21ee1dbbc9b2fe3a2a1e9dc4e1b05c5a6f0d1cbf1c5b\n")
    assert applied(host, file(OLD, **lines(host.root)), dry=True).change == "unproved"
    assert applied(host, file(OLD, **lines(host.root))).change == "unproved"
    assert in_force(host.root) == (OLD, OLD)
    assert strays(host.root) == []


@pytest.mark.parametrize("host", ["dash", "busybox"], indirect=True)
def test_two_at_once_do_not_meet(hosts, file, applied, strays):
    host, _ = hosts()
    holder = subprocess.Popen(["sh", "-c", "read -r x # dsas"], stdin=subprocess.PIPE)
    folder = host.root / "etc/lb/.dsas-lb.conf"
    folder.mkdir()
    (folder / "pid").write_text(f"{holder.pid}\n")
    outcome = applied(host, file(NEW, **lines(host.root)))
    assert (outcome.stage, outcome.cause) == ("busy", "another one is putting lb.conf in place on this host")
    assert in_force(host.root) == (OLD, OLD)
    holder.communicate(b"\n")
    assert applied(host, file(NEW, **lines(host.root))).ok
    assert in_force(host.root) == (NEW, NEW)
    assert strays(host.root) == []
