"""FORALL, SYNCALL and DIFFALL of the installed package and of the sh binding, option by option: one behaviour."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from pprint import pformat

import pytest
from fleet_faces import Installed, bring, call_face
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_grammar.reading import loads

TREE = {
    "a/x": "one\n", "a b": "2\n", "-dash": "", "it's": "", "ü": "ü\n", "new\nline": "n", "\udcff8bit": "8",
    "back\\slash": "b", "$(x)`y`": "", "*": "", "%s": "", "tab\there": "t", "zero": "z",
    "sparse": "\0" * 300_000 + "end",
}  # fmt: skip

PREPARE = """\
rm -rf /srv/host/* /etc/two* /etc/new
echo one >/etc/two; chmod 600 /etc/two; echo kept >/srv/host/kept
case $(hostname) in
h4) echo other >/etc/two; mkdir -p /srv/host/real /srv/host/t/a /srv/host/t/more/deep; ln -s real /srv/host/linked
    cd /srv/host/t; echo changed >a/x; echo 2 >'a b'; : >-rf; ln -s there link; : >more/deep/z;;
h5) mkdir -p /srv/host/t; printf 'a\\0b' >/etc/two;;
esac
"""

LISTING = """\
find /srv/host /etc/two* /etc/new /tmp -printf '%p %y %m %u %g %l\\n' -type f -exec sha256sum {} + 2>/dev/null | sort
"""

RUNS = [
    ["FORALL", "*", "printf", "%s|", "a b", "it's", "$x"],
    ["FORALL", "h1", "h[4-5]", "--", "echo", "--", "x"],
    ["FORALL", "-a", "-xh6", "*", "echo $DSAS_HOST $DSAS_ROLES $DSAS_STATE"],
    ["FORALL", "--exclude=h5", "h[4-5]", "-x", "h6", "sh", "-c", "echo $0; exit 3", "zero"],
    ["FORALL", "-ag", "web,h5", "echo out; echo err >&2; [ $DSAS_HOST != h5 ]"],
    ["FORALL", "--diff-against", "h6", "h[1,4,6]", "echo one"],
    ["FORALL", "--diff-against", "h1", "h[1-2,4-5]", "echo one; [ $DSAS_HOST != h4 ] || echo two"],
    ["FORALL", "--script", "h[1,4]", "./fix.sh", "a b", "-c"],
    ["FORALL", "--script", "-i", "h[1,4]", "./fix.pl", "x"],
    ["FORALL", "-i", "h[1,4]", "cat; ls -A /tmp | grep dsas.u"],
    ["FORALL", "--rolling", "1", "h[1,4-5]", "[ $DSAS_HOST != h4 ]"],
    ["FORALL", "--rolling", "50%", "--pause", "0.1", "h[1,4-5]", "echo wave"],
    ["FORALL", "--fanout=1", "--retry", "1", "h[4,6]", "true"],
    ["FORALL", "--sudo", "-g", "h[4-5]", "id -u"],
    ["FORALL", "--ssh-here", "-g", "h[1,4]", '[ -n "$SSH_CONNECTION" ] && echo ssh'],
    ["FORALL", "--accept-new", "h4", "exit 255"],
    ["FORALL", "--timeout", "1", "h[1,4]", "[ $DSAS_HOST = h1 ] || sleep 4781"],
    ["FORALL", "--timeout", "1", "h1", "trap '' TERM HUP; sleep 4783; :"],
    ["FORALL", "--total", "2", "--rolling", "1", "h[4-5]", "sleep 4782"],
    ["FORALL", "h4", "kill -9 $$"],
    ["FORALL", "h6", "true"],
    ["FORALL", "h3", "true"], ["FORALL", "h4, H3", "true"], ["FORALL", "h4", "h3", "--", "true"],
    ["FORALL", "h[3-4]", "true"], ["FORALL", "h3&web", "true"], ["FORALL", "-a", "h3", "true"],
    ["FORALL"], ["FORALL", "web"], ["FORALL", "--", "true"], ["FORALL", "wbe", "true"], ["FORALL", "web&db", "true"],
    ["FORALL", "--nonsense", "web", "true"], ["FORALL", "--fanout", "0", "web", "true"], ["FORALL", "web", "--timeout"],
    ["FORALL", "--rolling", "none", "web", "true"], ["FORALL", "--pause", "x", "web", "true"],
    ["FORALL", "--script", "web", "./no-such"], ["FORALL", "--diff-against", "h9", "web", "true"],
]  # fmt: skip

FILES = [
    ["SYNCALL", "-n", "h[1-5]", "./two:/etc/two"],
    ["SYNCALL", "h[1,4-6]", "./two:/etc/two"],
    ["SYNCALL", "h[4-5]", "two:/etc/new/deep/"],
    ["SYNCALL", "--mode", "0640", "--owner=games", "--backup", "h[4-5]", "two:/etc/two"],
    ["SYNCALL", "--check", "grep -q three %s", "h[4-5]", "two:/etc/two"],
    ["SYNCALL", "--then", "echo then $DSAS_HOST", "--check", "grep one %s; echo checked", "h[4-5]", "two:/etc/two"],
    ["SYNCALL", "--then", "exit 5", "--rolling", "1", "h[4-5]", "two:/etc/two"],
    ["SYNCALL", "--sudo", "--timeout", "20", "--total", "30", "--retry=1", "--fanout", "2", "h4", "two:/etc/two"],
    ["SYNCALL", "h4", "two:/srv/host/t"],
    ["SYNCALL", "h4", "two:/srv/host/linked"],
    ["SYNCALL", "--owner", "nobody-here", "h4", "two:/etc/two"],
    ["SYNCALL", "h4", "./many/:/srv/host/many/"],
    ["SYNCALL", "h[4-5]", "./t/:/srv/host/t/"],
    ["SYNCALL", "-n", "--delete", "h[4-5]", "./t/:/srv/host/t/"],
    ["SYNCALL", "--delete", "--backup", "--mode=600", "h[4-5]", "./t:/srv/host/t"],
    ["SYNCALL", "h4", "./t/:/srv/host/linked/"],
    ["SYNCALL", "h4", "./linked/:/srv/host/"],
    ["SYNCALL", "h[4-5]", "./secret/:/srv/host/secret/"],
    ["SYNCALL", "h4", "./secret:/srv/host/secret"],
    ["SYNCALL", "h[4-5]", "./secret/:/srv/host/t/"],
    ["SYNCALL", "--top", "h[4-5]", "./secret/:/srv/host/t/"],
    ["SYNCALL", "--top", "--owner", "games", "--mode", "600", "h4", "./secret:/srv/host/t"],
    ["SYNCALL", "-n", "--top", "--delete", "h[4-5]", "./secret/:/srv/host/t/"],
    ["SYNCALL", "h4", "./empty/:/srv/host/empty/deep/"],
    ["SYNCALL", "-n", "h4", "./empty:/srv/host/empty"],
    ["SYNCALL", "--top", "h[4-5]", "./empty/:/srv/host/t/"],
    ["SYNCALL", "h[4-5]", "./empty/:/srv/host/linked/"],
    ["SYNCALL", "h4", "./secret/:/etc/two"], ["SYNCALL", "h4", "./secret/:/srv/host/t/link/"],
    ["SYNCALL", "--top", "h4", "two:/etc/two"],
    ["SYNCALL", "--then", "echo then $DSAS_HOST; [ $DSAS_HOST = h4 ]", "h[4-5]", "./secret/:/srv/host/t/"],
    ["SYNCALL", "--top", "--then", "exit 5", "h4", "./empty/:/srv/host/empty/deep/"],
    ["DIFFALL", "--mode", "h[4-5]", "./secret/:/srv/host/t/"],
    ["DIFFALL", "--mode", "h[4-5]", "./empty:/srv/host/t"],
    ["DIFFALL", "h[4-5]", "./empty/:/srv/host/empty/"],
    ["DIFFALL", "--mode", "--vote", "h[4-5]", "/srv/host/t"],
    ["SYNCALL", "--delete", "h4", "two:/etc/two"], ["SYNCALL", "web"], ["SYNCALL", "--", "x"],
    ["SYNCALL", "web", "no-such:/x"], ["SYNCALL", "web", "two:/x", "t:/y"], ["SYNCALL", "web", "two:/x", "--mode", "9"],
    ["DIFFALL", "h[1-2,4-6]", "two:/etc/two"],
    ["DIFFALL", "-a", "--mode", "*", "two:/etc/two"],
    ["DIFFALL", "-q", "--fanout", "1", "h[4-5]", "two:/etc/two"],
    ["DIFFALL", "--vote", "h[1-2,4]", "/etc/two"],
    ["DIFFALL", "--vote", "h[4-5]", "/etc/two"],
    ["DIFFALL", "--vote", "h[2,4-5]", "/srv/host/t/a"],
    ["DIFFALL", "--mode", "h[4-5]", "./t/:/srv/host/t/"],
    ["DIFFALL", "h4", "two:/srv/host/t"], ["DIFFALL", "h4", "./t/:/etc/two"],
    ["DIFFALL", "h6", "two:/etc/two"], ["DIFFALL", "--vote", "web", "two"], ["DIFFALL", "web", "no-such:/x"],
]  # fmt: skip


Call = Callable[[list[str]], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def sick(_hosts: SshdFleet) -> Iterator[SshdFleet]:
    """The hosts, of which h6 refuses connections, and the others have what PREPARE puts there."""
    _hosts.fault("refuse", "h6")
    for name in ("h1", "h4", "h5"):
        assert _hosts.run(name, "sh", "-c", PREPARE).returncode == 0
    yield _hosts
    _hosts.heal()


@pytest.fixture(scope="module")
def faces(sick: SshdFleet, text: str) -> Iterator[dict[str, Call]]:
    """Both faces on h1, among files to bring."""
    require("ssh", "perl", "sudo")
    bring(sick, loads(text), text)
    here = sick.path("h1", "/root")
    for name, content in TREE.items():
        (here / "t" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "t" / name).write_text(content, encoding="utf-8", errors="surrogateescape")
    (here / "t/zero").chmod(0)
    (here / "t/empty folder").mkdir()
    (here / "t/link").symlink_to("../out of/the tree")
    os.mkfifo(here / "t/pipe")
    (here / "linked/linked").mkdir(parents=True)
    (here / "linked/linked/x").write_text("x")
    (here / "empty").mkdir(mode=0o750)
    (here / "secret/shared").mkdir(parents=True)
    (here / "secret/key").write_text("k\n")
    (here / "secret/shared").chmod(0o3775)
    (here / "secret").chmod(0o2700)
    os.chown(here / "secret", 1, 4)  # daemon, adm
    (here / "many").mkdir()
    for number in range(70):
        (here / f"many/file{number}").write_text(f"{number}\n")
    (here / "two").write_text("one\ntwo\n")
    (here / "fix.sh").write_text('#!/bin/sh -e\necho "$#:$1:$2"\nfalse\necho never\n')
    (here / "fix.pl").write_text('#!/usr/bin/env perl\nprint "@ARGV ", <STDIN>;\n')
    with Installed(sick) as installed:
        yield {
            "installed": lambda words: installed.call(*words, stdin="given\n"),
            "sh": lambda words: call_face(sick, "dash", *words, stdin="given\n"),
        }


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str], list[str]]:
    """Status, output, and what was said: less what differs from run to run, and ssh's own way to say where."""
    live = done.args[0] == "FORALL" and not {"-g", "-ag", "--diff-against"} & set(done.args)
    output = done.stdout.splitlines()
    if done.returncode == 2:
        return 2, output, []
    if done.args[0] == "SYNCALL":  # what --check and --then wrote comes as hosts end
        output.sort(key=lambda line: (0, line) if re.match(r"h\d: (then|checked|one)", line) else (1, ""))
    lines = [re.sub(r" after [0-9.]+ s$", "", line) for line in done.stderr.splitlines()]
    lines = [re.sub(r"127\.\S+ port \d+: ", "", line) for line in lines if "sudo: unable to resolve" not in line]
    return done.returncode, sorted(output) if live else output, [*sorted(lines[:-1]), *lines[-1:]]


def test_forall_says_and_does_the_same(faces: dict[str, Call]) -> None:
    with ThreadPoolExecutor(2) as side_by_side:
        told = [
            apart(words, *side_by_side.map(lambda face, given=words: said(face(given)), faces.values()))  # type: ignore[misc]
            for words in RUNS
        ]
    assert "".join(told) == ""


def test_syncall_and_diffall_say_and_do_the_same(faces: dict[str, Call], sick: SshdFleet) -> None:
    told = [apart(words, *(_on_prepared_hosts(face, words, sick) for face in faces.values())) for words in FILES]
    assert "".join(told) == ""


def apart(words: list[str], installed: object, sh: object) -> str:
    """How the two differ, line by line."""
    lines = (pformat(each, width=200).splitlines(keepends=True) for each in (installed, sh))
    return "".join(unified_diff(*lines, f"installed {words}\n", f"sh {words}\n", n=0))


def _on_prepared_hosts(face: Call, words: list[str], hosts: SshdFleet) -> object:
    """What a face said, and what is on the hosts then, which are as before again."""
    done = said(face(words))
    return done, [hosts.run(name, "sh", "-c", LISTING + PREPARE).stdout for name in ("h1", "h4", "h5")]
