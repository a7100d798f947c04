"""The sh functions on a terminal: hostile words of hosts, ssh, the MATRIX and names, of which none comes out raw."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Iterator

import pytest
from fleet_faces import ENVIRONMENT, SHELLS, bring, inside
from on_terminal import raw
from sshd_fleet import SshdFleet

from matrix_grammar.reading import loads

HOSTILE = "\x1b]0;own\x07\x1b[45m\x1b[7AX\x9b2J\u202e\u200b\u2028\x7f\x85\U000e0041Z"
LATIN = os.fsdecode(HOSTILE.encode().replace(b"\xc2\x9b", b"\x9b"))
BYTES = os.fsencode(LATIN)
SEEN = "<U+001B>]0;own<U+0007>"
ESCAPED = r"\033]0;own\007"
"""A name of harmless letters, which some `echo` makes an escape of."""

LYING_SSH = """#!/bin/sh
for word do
    case $word in -G) exit 0 ;; esac
done
while [ "$1" != -E ]; do shift; done
cat /root/words >"$2"
exit 255
"""

CASES = {
    "the answer": (["FORALL", "h4", "cat /root/words"], True),
    "the answer on the other stream": (["FORALL", "h4", "cat /root/words >&2"], True),
    "gathered": (["FORALL", "-g", "h[4-5]", "cat /root/words"], True),
    "compared": (["FORALL", "--diff-against", "h5", "h[4-5]", "[ $DSAS_HOST = h5 ] || cat /root/words"], True),
    "a reason": (["FORALL", "h[2-3]", "true"], False),
    "a command line": (["FORALL", "h4", "--" + HOSTILE], False),
    "a selector": (["FORALL", HOSTILE, "true"], False),
    "the words of ssh": (["FORALL", "h4", "true"], False),
    "a copied tree": (["SYNCALL", "-n", "h[4-5]", "./t/:/srv/host/t/"], True),
    "a command after copying": (["SYNCALL", "--then", "cat /root/words", "h4", "./t/:/srv/host/new/"], True),
    "what went wrong": (["SYNCALL", "--owner", "nobody-here", "h4", "./t/:/srv/host/new/"], False),
    "a compared tree": (["DIFFALL", "h[4-5]", "./t/:/srv/host/t/"], True),
    "an owner": (["DIFFALL", "--mode", "-q", "h4", "./one:/srv/host/one"], False),
    "an owner in full": (["DIFFALL", "--mode", "h4", "./one:/srv/host/one"], False),
    "among hosts": (["DIFFALL", "--vote", "h[4-5]", "/srv/host/t"], True),
    "a name here": (["DIFFALL", "h4", LATIN], False),
}
"""What is hostile, the command that shows it, and whether that is the data of hosts, raw in a pipe."""
SILENT = {"a selector", "what went wrong", "an owner"}
"""Which have nothing hostile in what they show."""


@pytest.fixture(scope="module")
def hostile(_hosts: SshdFleet, text: str) -> Iterator[SshdFleet]:
    """h1 has the functions; h4 and h5 have hostile files, of a user with a hostile name."""
    text = text.replace("fan alarm 4/12", f'"{HOSTILE}"').replace("disk, back 4/20", f'"{HOSTILE}"')
    bring(_hosts, loads(text), text)
    _hosts.write("h1", "/root/one", b"x")
    _hosts.write("h1", "/root/lying-ssh", LYING_SSH.encode())
    _hosts.path("h1", "/root/lying-ssh").chmod(0o755)
    for name in ("h1", "h4", "h5"):
        _hosts.write(name, "/root/words", BYTES + b"\n")
        home = "/root/t" if name == "h1" else "/srv/host/t"
        _hosts.path(name, home).mkdir(parents=True, exist_ok=True)
        for file in (LATIN, ESCAPED, "same"):
            _hosts.write(name, f"{home}/{file}", BYTES + f"\n{name}\n".encode())
        _hosts.path(name, home).joinpath(f"link{ESCAPED}").symlink_to(f"{name}{LATIN}")
    passwd = _hosts.read("h4", "/etc/passwd")
    _hosts.write("h4", "/etc/passwd", passwd + b"x" + HOSTILE.encode().replace(b"\n", b"") + b":x:4711:0::/:/bin/sh\n")
    _hosts.write("h4", "/srv/host/one", b"x")
    os.chown(_hosts.path("h4", "/srv/host/one"), 4711, 0)
    yield _hosts
    for name in ("h1", "h4", "h5"):
        _hosts.run(name, "sh", "-c", "rm -rf /srv/host/* /root/t /root/one /root/words")
    _hosts.write("h4", "/etc/passwd", passwd)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("field", CASES)
def test_nothing_raw_comes_out(hostile: SshdFleet, shell: str, field: str) -> None:
    words, data = CASES[field]
    more = {"DSAS_SSH": "/root/lying-ssh"} if field == "the words of ssh" else {}
    hostile.run("h4", "rm", "-rf", "/srv/host/new")
    status, shown = on_terminal(hostile, shell, words, more)
    assert raw(shown) == "", ascii(shown)
    if field not in SILENT:
        assert SEEN in shown.decode(), ascii(shown)
    hostile.run("h4", "rm", "-rf", "/srv/host/new")
    piped = between_pipes(hostile, shell, words, more)
    assert piped.returncode == status
    if not data:
        assert raw(piped.stdout + piped.stderr) == "", ascii(piped)
    elif field != "among hosts":
        assert BYTES in piped.stdout + piped.stderr, "in a pipe the answer is byte for byte"
    assert b"\x1b]0;own\x07" not in piped.stdout.replace(BYTES, b"") + piped.stderr.replace(BYTES, b"")


def start(shell: str, words: list[str], hosts: SshdFleet) -> list[str]:
    return [*inside(hosts), "sh", "-c", f"cd /root && {SHELLS[shell]}", "sh", *words]


def between_pipes(
    hosts: SshdFleet, shell: str, words: list[str], more: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    command = start(shell, words, hosts)
    environment = ENVIRONMENT | more
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )


def on_terminal(hosts: SshdFleet, shell: str, words: list[str], more: dict[str, str]) -> tuple[int, bytes]:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        start(shell, words, hosts), env=ENVIRONMENT | more, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                shown += os.read(ours, 1 << 16)
            except OSError:  # EIO: nobody has the terminal open any more
                break
        os.close(ours)
        return process.wait(60), shown
