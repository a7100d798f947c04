"""Hosts with several sets of tools, folders on them that a user owns, and that user at work while root copies there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from sshd_fleet import SshdFleet

NOBODY = 65534
SITE = "/srv/host/site"

TOOLS = {
    "perl": "cp -s /bin/* /usr/bin/* . 2>/dev/null; test -e perl",
    "dash": "cp -s /bin/* /usr/bin/* . 2>/dev/null; rm -f perl* busybox sh; ln -s /bin/dash sh",
    "bash": "cp -s /bin/* /usr/bin/* . 2>/dev/null; rm -f perl* busybox sh; ln -s /bin/bash sh",
    "busybox": "for applet in $(/bin/busybox --list); do ln -s /bin/busybox $applet; done",
}
"""What a host has, by its name: all, coreutils with dash or bash alone, busybox alone."""

SSHD = "SetEnv PATH=/run/tools\n"

HOSTILE = {
    "staging": """
for my $name (grep { /^\\.dsas\\./ and (lstat)[4] == 0 } names()) {
    $turn++;
    rename $name, ".old-$turn" and mkdir $name or next;
    symlink '/srv/host/victim', "$name/$_" for 0 .. 19;
}
""",
    "folders": """
rename 'in', 'out';
symlink '/srv/host/private', 'in';
unlink 'in';
rename 'out', 'in';
""",
    "names": """
$turn = ($turn + 1) % 6;
my $page = "page$turn";
symlink '/srv/host/private', "$page~";
rename $page, 'own' and symlink '/srv/host/victim', $page;
unlink "$page~", $page if -l $page;
rename 'own', $page;
""",
}
"""What a user does again and again: takes staging folders away and puts links in their place, swaps a folder for a
link, plants links for files and their backups."""

LOOP = """
chdir '/srv/host/site' or die;
sub names { opendir my $in, '.'; return readdir $in }
my $turn = 0;
my $work = eval "sub { $ARGV[0] }" or die $@;
syswrite STDOUT, "begun\\n";
$work->() while 1;
"""


def equip(hosts: SshdFleet) -> None:
    """Give each host the tools of its name."""
    for name in hosts.names:
        done = hosts.run(name, "sh", "-c", f"mkdir /run/tools && cd /run/tools && {{ {TOOLS[name]}; }}")
        assert hosts.run(name, "/run/tools/sh", "-c", ":").returncode == 0, done.stderr


def prepare(hosts: SshdFleet, name: str) -> None:
    """A folder of nobody's, and what is root's beside it."""
    line = (
        "cd /srv/host && rm -rf ./* && mkdir -p site/in private && chmod 711 private && chown -R nobody:nogroup site"
        " && echo secret >victim && chmod 600 victim"
        " && for f in 0 1 pid page1 go sums; do echo private >private/$f; done"
    )
    done = hosts.run(name, "sh", "-c", line)
    assert done.returncode == 0, done.stderr


def untouched(hosts: SshdFleet, name: str) -> bool:
    """Whether what is root's is as `prepare` left it."""
    victim, private = hosts.path(name, "/srv/host/victim"), hosts.path(name, "/srv/host/private")
    status = victim.stat()
    held = {path.name: (path.read_bytes(), path.stat().st_uid) for path in private.iterdir()}
    return (
        (status.st_uid, status.st_mode & 0o7777, victim.read_bytes()) == (0, 0o600, b"secret\n")
        and (private.stat().st_uid, private.stat().st_mode & 0o7777) == (0, 0o711)
        and held == dict.fromkeys(("0", "1", "pid", "page1", "go", "sums"), (b"private\n", 0))
    )


@contextmanager
def at_work(hosts: SshdFleet, name: str, hostile: str) -> Iterator[None]:
    """Nobody does on a host what `HOSTILE` has under that name, meanwhile."""
    inside = ["nsenter", "-t", str(hosts.pid(name)), "-m", "-u"]
    as_nobody = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    program = ["/usr/bin/perl", "-e", LOOP, HOSTILE[hostile]]
    with subprocess.Popen([*inside, *as_nobody, *program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"begun\n"
            yield
        finally:
            process.kill()
