"""Streams of the enrolled account are root's from the first byte on: nobody else sees or changes what is unpacked."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

STAGED = "ls -d /var/lib/dsas/generations/.tmp-* 2>/dev/null || :"

# A copy that root makes by path is led from the account's folder into /etc.
RACE = """
cd /var/lib/dsas/generations
i=/var/lib/dsas/incoming/777
mkdir -p $i/a $i/matrix || exit 0
: >$i/matrix/x
head -c 150000000 /dev/zero >$i/a/big
: >$i/a/shadow
yes "$(printf %064d 0) 0644 matrix/x" | head -n 60000 >$i/index
{ sudo -n /etc/dsas/receive 777 1 "$(sha256sum <$i/index | cut -d' ' -f1)" w1 >/dev/null 2>&1; : >$i/.ended; } &
while [ ! -e $i/.ended ]; do [ ! -e .tmp-*/a/big ] || break; done
mv $i/a $i/.old; ln -s /etc $i/a
while [ ! -e $i/.ended ]; do cat .tmp-*/a/shadow 2>/dev/null && break; done
"""


def test_root_is_not_led_from_what_arrived_into_a_folder_of_its_own(enrolled):
    said = enrolled.as_account("w1", RACE).stdout
    assert said == b"", "/etc/shadow, by way of the account"


@contextmanager
def held(site, head: bytes = b"\x1f\x8b\x08\0") -> Iterator[subprocess.Popen[bytes]]:
    """A stream of which so much has come, and no more comes."""
    login = ["ssh", "-F", site.hosts.ssh_config, "-i", site.key, "-l", "dsas", "w1", f"dsas install 1 {'0' * 64} w1"]
    child = subprocess.Popen(login, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(head)
    child.stdin.flush()
    with child:
        yield child
        child.communicate(timeout=30)


def await_staged(site, count: int, child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while len(site.on("w1", STAGED).split()) != count:
        assert time.monotonic() < end
        assert child.poll() is None, child.stderr
        time.sleep(0.02)


def packed(*members: tuple[str, int, bytes], mode: int = 0o6777) -> bytes:
    """An archive of plain files, of which any may claim to be larger than it is."""
    raw = io.BytesIO()
    for name, size, content in members:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.uid = size, mode, 65534
        block = member.tobuf(tarfile.GNU_FORMAT)
        raw.write(block + content + b"\0" * (-len(content) % 512))
    return raw.getvalue()


def test_what_is_being_unpacked_is_open_to_root_alone(receiver):
    first = packed(("index", 3, b"x\n\n"), ("matrix/evil", 9, b"#!/bin/id"))
    pieces = gzip.compress(first, mtime=0)[:-8]  # without its end, so that it goes on
    with held(receiver, pieces) as child:
        await_staged(receiver, 1, child)
        (folder,) = receiver.on("w1", STAGED).split()
        assert receiver.on("w1", f"stat -c '%a %U' {folder}") == "700 root\n"
        for line in (f"ls {folder}", f"cat {folder}/index", f"{folder}/matrix/evil", f"mv {folder} {folder}x",
                     f"ln -s /etc {folder}/root", "mkdir /var/lib/dsas/incoming"):  # fmt: skip
            assert receiver.as_account("w1", line).returncode != 0, line
        assert receiver.on("w1", "find /var/lib/dsas/generations -type f -perm /6000") == ""
    assert child.returncode == 63
    assert receiver.on("w1", STAGED) == ""


MANY = [(f"matrix/{number}", 0, b"") for number in range(20001)]
BOMBS: dict[str, Callable[[], bytes]] = {
    "one file too large": lambda: packed(("index", 300 << 20, b"")) + bytes(300 << 20),
    "a size that is a lie": lambda: packed(("index", 300 << 20, b"x")),
    "too many files": lambda: packed(*MANY) + bytes(1024),
    "too deep": lambda: packed(("matrix/" + "d/" * 30 + "x", 0, b"")) + bytes(1024),
    "much after its end": lambda: packed(("index", 0, b"")) + bytes(300 << 20),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_stream_that_unpacks_to_more_than_its_bound_is_refused_and_leaves_nothing(receiver, bomb):
    stream = gzip.compress(BOMBS[bomb](), 1)
    done = receiver.enter("w1", f"dsas install 1 {'0' * 64} w1", stream)
    statuses = (63, 64) if bomb == "a size that is a lie" else (64,)
    assert done.returncode in statuses, done.stderr
    assert receiver.on("w1", "find /var/lib/dsas/generations -mindepth 1") == ""


def test_eight_streams_arrive_at_once_and_no_more(receiver, generation):
    first = generation(1)
    with ExitStack() as stack:
        for count in range(1, 9):
            await_staged(receiver, count, stack.enter_context(held(receiver)))
        done = receiver.send("w1", first)
        assert (done.returncode, b"too many streams" in done.stderr) == (62, True)
    assert receiver.send("w1", first).returncode == 0


def test_bindings_are_loaded_as_nobody_who_may_start_nothing_and_what_they_print_stays_there(enrolled, generation):
    script = "{ id -un; sudo -n /etc/dsas/receive 2>&1; sudo -n -l 2>&1; } >/tmp/who || :; echo hello; echo hello >&2\n"
    enrolled.on("w1", "chmod 1777 /tmp")
    assert enrolled.send("w1", generation(1, extra={"/etc/dsas.conf": script.encode()})).returncode == 0
    done = enrolled.enter("w1", "dsas load")
    assert (done.returncode, b"hello" in done.stdout + done.stderr) == (67, False)
    assert re.fullmatch(rb"enrolled [0-9a-f]{12}\n", done.stdout), "the gate's own word alone"
    assert b"a binding does not load" in done.stderr
    who = enrolled.hosts.read("w1", "/tmp/who").decode()
    assert who.startswith("nobody\n")
    assert "usage" not in who, "that is receive speaking"
    assert "NOPASSWD" not in who


def test_the_account_cannot_hold_an_install_up_by_its_lock(enrolled, generation):
    first = generation(1)
    assert enrolled.send("w1", first).returncode == 0
    assert enrolled.as_account("w1", "flock -n /var/lib/dsas/lock true").returncode != 0
    assert enrolled.on("w1", "stat -c %a /var/lib/dsas/lock") == "600\n"


def test_without_a_generation_there_is_nothing_to_load(enrolled):
    assert enrolled.enter("w1", "dsas load").returncode == 66


def test_enrolling_again_takes_away_the_folder_of_the_release_before(enrolled):
    enrolled.on("w1", "install -d -o dsas -m 700 /var/lib/dsas/incoming /var/lib/dsas/incoming/7")
    enrolled.on("w1", "ln -s /etc /var/lib/dsas/incoming/7/a; touch /var/lib/dsas/incoming/.x; rm /etc/dsas/receive.pl")
    (told,) = enrolled.enroll("w1", dry=True)
    assert "removal of /var/lib/dsas/incoming" in told.changes
    (done,) = enrolled.enroll("w1")
    assert done.status == "enrolled", done
    assert not enrolled.hosts.exists("w1", "/var/lib/dsas/incoming")
    assert enrolled.hosts.exists("w1", "/etc/shadow")


def test_a_link_in_the_place_of_what_enrolling_writes_beside_a_file_is_not_followed(enrolled):
    enrolled.on("w1", "echo precious >/root/precious; chown dsas /etc/dsas; ln -s /root/precious /etc/dsas/.new.gate")
    enrolled.on("w1", "echo '#' >>/etc/dsas/gate")
    (done,) = enrolled.enroll("w1")
    assert done.status == "enrolled", done
    assert enrolled.hosts.read("w1", "/root/precious") == b"precious\n"
    assert enrolled.on("w1", "stat -c %F /etc/dsas/gate") == "regular file\n"


LINE = f"{hashlib.sha256(b'x').hexdigest()} 0644 /etc/dsas.conf\n".encode()
FILE = ("root/etc/dsas.conf", 1, b"x")


def forged(index: bytes, *members: tuple[str, int, bytes], number: str = "1", **own: bytes) -> tuple[str, bytes]:
    """A request, and the stream of an index that fits its digest."""
    digest = hashlib.sha256(index).hexdigest()
    manifest = f'{{\n  "generation": {number},\n  "digest": "{digest}",\n}}\n'.encode()
    held = {"index": index, "manifest": manifest, "lineage": b"", "install": b"", **own}
    spelled = {"manifest": "manifest.json", "install": "install.sh"}
    heads = [(spelled.get(name, name), len(content), content) for name, content in held.items()]
    return f"dsas install {number} {digest} w1", gzip.compress(packed(*heads, *members) + bytes(1024), 1)


LINES = b"\n" * (17 << 20)
LONG = {
    "index": lambda: forged(LINE + LINES, FILE),
    "manifest": lambda: forged(LINE, FILE, manifest=LINES),
    "lineage": lambda: forged(LINE, FILE, lineage=LINES),
}


@pytest.mark.parametrize("what", LONG)
def test_what_is_read_as_a_whole_has_a_bound_of_its_own(receiver, what):
    words, stream = LONG[what]()
    done = receiver.enter("w1", words, stream)
    assert (done.returncode, b"more than this host unpacks" in done.stderr) == (64, True), done
    assert receiver.on("w1", "find /var/lib/dsas/generations -mindepth 1") == ""


def test_blank_lines_within_the_bound_take_no_more_memory_than_they_are_long(enrolled):
    words, stream = forged(LINE + b"\n" * (15 << 20), FILE)
    enrolled.on("w1", "sed -i '2i ulimit -v 262144' /etc/dsas/receive")
    done = enrolled.enter("w1", words, stream)
    assert (done.returncode, b"a line of the index" in done.stderr) == (69, True), done


def test_a_number_is_written_in_one_way(receiver):
    words, stream = forged(LINE, FILE, number="010")
    assert receiver.enter("w1", words, stream).returncode == 69


def test_a_line_that_is_there_twice_lets_no_other_file_in(receiver):
    words, stream = forged(LINE + LINE, FILE, ("matrix/evil", 1, b"x"))
    done = receiver.enter("w1", words, stream)
    assert done.returncode in (63, 69), done
    assert receiver.on("w1", "find /var/lib/dsas/generations -mindepth 1") == ""


def test_a_file_that_is_named_with_two_sums_is_not_put_in_place_by_halves(receiver):
    conf = hashlib.sha256(b"x").hexdigest()
    lines = "".join(f"{digest} 0644 /etc/dsas.conf\n" for digest in ("0" * 64, conf)).encode()
    words, stream = forged(lines, ("root/etc/dsas.conf", 1, b"x"))
    assert receiver.enter("w1", words, stream).returncode == 63
    assert receiver.on("w1", "find /var/lib/dsas/generations -mindepth 1; ls -d /etc/.dsas-new 2>/dev/null || :") == ""
