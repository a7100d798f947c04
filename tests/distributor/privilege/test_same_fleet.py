"""Whoever has the daemon's key brings in no generation of another fleet, burns no number and renames no host."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from matrix_distributor.generation.lineage import spell_lineage

THEIRS = "0" * 32


def with_ancestors(made, ancestors, number=None):
    """The generation as its maker's program would not make it, whole in itself."""
    lineage = hashlib.sha256(spell_lineage(ancestors)).hexdigest()
    manifest = replace(made.manifest, lineage=lineage, generation=number or made.number)
    return replace(made, manifest=manifest, ancestors=ancestors)


def sent(site, made, status, words=b""):
    done = site.send("w1", made)
    assert (done.returncode, words in done.stderr) == (status, True), done


def test_a_signed_generation_of_another_site_stays_out_and_the_own_ones_come_in(signed_only, signer, generation):
    """Two sites have one signing key."""
    sent(signed_only, signer.signed(first := generation(1)), 0)
    theirs = generation(1, salt="theirs", fleet=THEIRS)
    for number in range(2, 6):
        theirs = generation(number, theirs)
    signed = signer.signed(theirs)
    sent(signed_only, signed, 61, b"another fleet: this host has generation 1 ")
    sent(signed_only, replace(signed, ancestors=()), 63, b"not the whole of generation 5")
    sent(signed_only, signer.signed(with_ancestors(theirs, ())), 61, b"another fleet")
    sent(signed_only, signer.signed(generation(3, generation(2, first))), 0)


def test_a_number_far_ahead_wants_a_person(signed_only, signer, generation):
    sent(signed_only, signer.signed(first := generation(1)), 0)
    second = generation(2, first)
    for ancestors in ((), second.ancestors, ((999_999_998, "0" * 64), *second.ancestors)):
        burnt = with_ancestors(second, ancestors, 999_999_999)
        sent(signed_only, burnt, 68, b"is not signed")
        sent(signed_only, signer.signed(burnt), 61, b"no ancestor of generation 999999999")
    sent(signed_only, signer.signed(second), 0)


def test_without_signers_no_number_is_taken_that_nothing_leads_up_to(enrolled, generation):
    sent(enrolled, first := generation(1), 0)
    second = generation(2, first)
    for ancestors in ((), second.ancestors, ((999_999_998, "0" * 64), *second.ancestors)):
        sent(enrolled, with_ancestors(second, ancestors, 999_999_999), 61, b"no ancestor of generation 999999999")
    sent(enrolled, second, 0)


def test_a_host_that_was_away_for_5000_generations_needs_no_person(signed_only, signer, generation, later):
    sent(signed_only, signer.signed(first := generation(1)), 0)
    sent(signed_only, signer.signed(later(first, 5001)), 0)
    assert signed_only.state("w1") == "whole"


def test_no_generation_says_who_a_host_is(enrolled, generation, monkeypatch):
    monkeypatch.setattr("matrix_distributor.generation.archive._KEPT", ())
    sent(enrolled, first := generation(1), 0)
    for path in ("/etc/dsas.d/self", "/etc/dsas.d/self/x", "/etc/dsas.d/.self/x"):
        sent(enrolled, generation(2, first, extra={path: b"w2\n"}), 69, f"{path} is no place".encode())
    enrolled.on("w1", "sh /var/lib/dsas/install.sh repair")
    assert enrolled.hosts.read("w1", "/etc/dsas.d/self") == b"w1\n"
