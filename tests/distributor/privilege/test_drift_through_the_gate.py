"""The account of the origin sees and puts right what was changed on an enrolled host, with perl and without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matrix_distributor.conversation import Reach
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.push import deliver, inspect

CHANGES = {
    "mode": ("chmod 600 /etc/dsas.conf", "mode 0600, should be 0644"),
    "owner": ("chown nobody /etc/dsas.conf", "owner 65534:0, should be 0:0"),
    "link": ("ln -sf /etc/passwd /etc/dsas.conf", "a link instead of a file"),
    "pipe": ("rm /etc/dsas.conf; mkfifo /etc/dsas.conf", "neither file nor folder"),
    "folder": ("chmod 700 /etc/dsas.d", "mode 0700, should be 0755"),
    "name": ("chmod 600 /etc/dsas.d/self", "mode 0600, should be 0644"),
    "record": ("chmod 600 /var/lib/dsas/current", ""),
    "store": ("chmod 700 /var/lib/dsas/generations", ""),
    "index": ("chmod 600 /var/lib/dsas/generations/1-*/index", ""),
    "copy": ("chmod 600 /var/lib/dsas/generations/1-*/matrix/MATRIX", "mode 0600, should be 0644"),
}
"""What is done on the host, and what the account says of it; empty where it can only say that it sees no generation."""


def test_what_was_changed_is_told_and_put_right(receiver, generation):
    first = generation(1)
    assert receiver.send("w1", first).returncode == 0
    for line, why in CHANGES.values():
        receiver.on("w1", line)
        told = receiver.enter("w1", "dsas query").stdout.decode()
        assert not told.endswith(" whole\n"), line
        assert f"why {why}\n" in told or not why, (line, told)
        assert "missing" not in told, "what it cannot look at is not said to be gone"
        assert receiver.send("w1", first).returncode == 0, line
        assert receiver.state("w1") == "whole", line


def test_what_the_account_may_not_read_it_cannot_vouch_for(receiver, generation):
    """Root has installed it so, before there was an account: to root it is as it should be."""
    made = generation(1).artifacts
    private = tuple(replace(one, mode=0o640) if one.path == "/etc/dsas.conf" else one for one in made)
    first = assemble_generation(private, 1, "matrix/MATRIX", parent=None, author="x", now=datetime.now(UTC))
    with receiver.pool() as pool:
        (outcome,) = deliver(first, [receiver.target("w1")], Reach(pool))
        assert outcome.good, outcome
        (seen,) = inspect(first, [receiver.target("w1")], Reach(pool))
    assert seen.result == "current"
    told = receiver.enter("w1", "dsas query").stdout.decode()
    assert "why cannot be read\ndrift /etc/dsas.conf\n" in told


def test_what_is_mounted_on_a_file_is_told_and_nothing_is_changed_until_it_is_gone(receiver, generation):
    first = generation(1)
    receiver.send("w1", first)
    receiver.on("w1", "cp /etc/dsas.conf /etc/dsas.other; mount --bind /etc/dsas.other /etc/dsas.conf")
    try:
        told = receiver.enter("w1", "dsas query").stdout.decode()
        assert "why something is mounted on it\ndrift /etc/dsas.conf\n" in told
        refused = receiver.send("w1", first)
        assert (refused.returncode, refused.stderr) == (64, b"dsas: something is mounted on /etc/dsas.conf\n")
    finally:
        receiver.on("w1", "umount /etc/dsas.conf")
    assert receiver.send("w1", first).returncode == 0
    assert receiver.state("w1") == "whole"


@pytest.mark.parametrize(
    "line",
    [
        "chmod 664 /etc/dsas/gate",
        "chgrp 4 /etc/dsas/receive",
        "chmod 2775 /etc/dsas",
        "chmod 644 /etc/sudoers.d/dsas",
        "chown dsas /var/lib/dsas/.ssh",
        "echo >>/var/lib/dsas/.ssh/authorized_keys",
        "ln -sf /etc/dsas/load /etc/dsas/name",
    ],
)
def test_enrolling_compares_all_that_it_has_set_up(enrolled, line):
    enrolled.on("w1", line)
    (looked,) = enrolled.enroll("w1", dry=True)
    assert (looked.status, len(looked.changes)) == ("planned", 1), looked
    (done,) = enrolled.enroll("w1")
    assert (done.status, done.changes) == ("enrolled", looked.changes)
    (again,) = enrolled.enroll("w1")
    assert again.status == "unchanged", again
