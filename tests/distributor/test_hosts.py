"""Hosts of the MATRIX as targets."""

import pytest

from matrix_distributor.hosts import in_service_first, target_of
from matrix_grammar.reading import loads

TEXT = """@matrix 1
@domain example.jp
@default ssh.user=root
[ps] ssh.port=2022
    w1  10.255.255.1
    w2  10.255.255.2  ssh.user=ann ssh.port=22  [STOP: disk]
    w3  -             ssh.hostkey="ssh-ed25519 AAAA1"  ssh.hostkey="ssh-ed25519 AAAA2"
"""


@pytest.fixture
def fleet():
    return loads(TEXT)


def test_how_to_reach_a_host_comes_from_the_matrix(fleet):
    target = target_of(fleet.host("w1"))
    assert (target.name, target.address, target.port, target.user) == ("w1", "10.255.255.1", 2022, "root")


def test_what_a_host_says_itself_goes_before_its_role_and_the_default(fleet):
    target = target_of(fleet.host("w2"))
    assert (target.port, target.user) == (22, "ann")


def test_a_host_without_an_address_is_found_by_its_full_name_and_may_have_several_keys(fleet):
    target = target_of(fleet.host("w3"))
    assert target.address == "w3.example.jp"
    assert target.host_keys == ("ssh-ed25519 AAAA1", "ssh-ed25519 AAAA2")


def test_hosts_out_of_service_come_last(fleet):
    assert [host.name for host in in_service_first(fleet.hosts)] == ["w1", "w3", "w2"]
