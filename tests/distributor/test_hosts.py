"""Hosts of the MATRIX as targets, and which of them this machine is."""

import socket

import pytest

from matrix_distributor import DistributorError, in_order, target_of, this_machine
from matrix_grammar import loads

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


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("DSAS_ROOT", str(tmp_path))
    monkeypatch.delenv("DSAS_SELF", raising=False)
    monkeypatch.setattr(socket, "gethostname", lambda: "nowhere")


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
    assert [host.name for host in in_order(fleet.hosts)] == ["w1", "w3", "w2"]


def test_a_setting_says_which(fleet):
    assert this_machine(fleet, "W2") == "w2"
    with pytest.raises(DistributorError, match="did you mean w1"):
        this_machine(fleet, "w11")


def test_else_the_environment_the_install_or_the_names_of_the_machine(fleet, monkeypatch, tmp_path):
    monkeypatch.setattr(socket, "gethostname", lambda: "W3.example.jp")
    assert this_machine(fleet) == "w3"
    (tmp_path / "etc/dsas.d").mkdir(parents=True)
    (tmp_path / "etc/dsas.d/self").write_text("w2\n")
    assert this_machine(fleet) == "w2"
    monkeypatch.setenv("DSAS_SELF", "w1")
    assert this_machine(fleet) == "w1"


def test_loopback_addresses_say_nothing():
    assert this_machine(loads("w1 127.0.0.1\nw2 127.77.0.1\nw3 ::1\n")) is None
