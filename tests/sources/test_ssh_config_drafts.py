"""Drafts of an ssh_config: one host for each sshd, words as OpenSSH splits them, and nothing lost without a word."""

import subprocess
from pathlib import Path

import pytest
import ssh_configs

from matrix_grammar.model import texts
from matrix_grammar.reading import loads
from matrix_sources.outline import DraftError
from matrix_sources.registry import draft

NAT = """\
Host web
    HostName gw.example.net
    Port 2201
    User deploy
Host db
    HostName gw.example.net
    Port 2202
    User postgres
Host node1
    HostName 127.0.0.1
    Port 2222
Host node2
    HostName 127.0.0.1
    Port 2200
Host far
    HostName hop.example.net
    ProxyJump hop
Host hop
    HostName hop.example.net
    Port 2222
"""


def told(text: str) -> list[str]:
    return [f"{left.line} {left.text}: {left.reason}" for left in draft("ssh_config", text, "FILE").leftovers]


def test_one_host_name_with_several_ports_or_jumps_is_several_hosts() -> None:
    fleet = loads(draft("ssh_config", NAT, "FILE").text)
    ways = {
        host.name: (host.property("ssh.port"), host.property("ssh.user"), host.property("ssh.jump")) for host in fleet
    }
    assert ways == {
        "web": (2201, "deploy", None),
        "db": (2202, "postgres", None),
        "node1": (2222, None, None),
        "node2": (2200, None, None),
        "far": (None, None, "hop"),
        "hop": (2222, None, None),
    }
    assert fleet.host("node1").addresses == ("127.0.0.1",)
    assert [line.partition(": ")[0] for line in told(NAT)] == ["2 web", "6 db", "13 node2", "16 far", "19 hop"]
    assert "HostName 127.0.0.1: the address is that of node1" in told(NAT)[2]


def test_names_of_one_sshd_are_aliases_and_a_user_of_their_own_is_told() -> None:
    text = "Host box\n HostName 10.0.0.5\n User alice\nHost root-box\n HostName 10.0.0.5\n User root\n"
    (host,) = loads(draft("ssh_config", text, "FILE").text)
    assert (host.property("ssh.user"), texts(host.property("alias") or ())) == ("alice", ("root-box",))
    assert "6 root-box: User root: a further name of box, which has User alice; MATRIX has one for a host" in told(text)


def test_a_host_name_that_another_host_line_leads_elsewhere_is_not_that_host() -> None:
    text = "Host db\n HostName web1\n Port 2222\nHost web1\n HostName 10.0.0.1\n"
    fleet = loads(draft("ssh_config", text, "FILE").text)
    assert [(host.name, host.addresses, host.property("ssh.port")) for host in fleet] == [
        ("db", (), 2222),
        ("web1", ("10.0.0.1",), None),
    ]
    assert told(text)[0].startswith("2 db: HostName web1: the Host of that name in this file is elsewhere: db has no")


def test_names_that_differ_by_case_alone_are_one_host_and_what_is_lost_is_told() -> None:
    assert told("Host Web1\n Port 7\nHost web1\n Port 8\n") == [
        "3 web1: is the same host as Web1: names are compared without case",
        "4 web1: Port 8: names are compared without case, and what Web1 has counts",
    ]


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("'bob'", "bob"),
        ('"CORP\\\\adm"', "CORP\\adm"),
        ("a\\ b", "a b"),
        ("x#y", "x#y"),
        ("bob # the builder", "bob"),
        ("f\"g h\"'i'", "fg hi"),
        ('"a\\"b"', 'a"b'),
        ("c\\d", "c\\d"),
    ],
)
@pytest.mark.needs("ssh")
def test_words_are_split_as_ssh_splits_them(tmp_path: Path, written: str, user: str) -> None:
    text = f"Host w\n  User {written}\n"
    path = tmp_path / "config"
    path.write_text(text)
    said = subprocess.run(["ssh", "-G", "-F", path, "w"], capture_output=True, text=True, check=True).stdout
    assert f"\nuser {user}\n" in f"\n{said}"
    assert loads(draft("ssh_config", text, "FILE").text).host("w").property("ssh.user") == user


def test_a_comment_behind_host_is_no_alias_and_a_negated_name_is_no_host() -> None:
    text = "Host web1 # first\n  HostName 10.0.0.1\nHost app1 app3 !app3\n  Port 7\n"
    fleet = loads(draft("ssh_config", text, "FILE").text)
    assert [(host.name, host.property("alias")) for host in fleet] == [("web1", None), ("app1", None)]
    assert "3 app3: !app3 or the like in the same line leaves it out" in told(text)


def test_jumps_that_lead_nowhere_and_words_too_many_are_told() -> None:
    assert told("Host a\n ProxyJump a\n") == ["2 a: ProxyJump a: that is the host itself"]
    assert told("Host a\n User b c\n") == ["2 User b c: one word stands behind it; ssh refuses the file"]
    assert told("Host a\n User 'b\n") == ["2 User 'b: a quote is not closed"]


@pytest.mark.parametrize("text", ["10.0.0.1 web1\n", "[web]\nw1\n", '{\n "a": 1\n}\n', "global_defs {\n}\n"])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DraftError, match=r"line 1: .* is no line of an ssh_config; is this the right file\?"):
        draft("ssh_config", text, "FILE")


@pytest.mark.needs("ssh")
@pytest.mark.parametrize("first", range(0, 30, 10))
def test_a_draft_means_what_ssh_finds(tmp_path: Path, first: int) -> None:
    for number in range(first, first + 10):
        assert not list(ssh_configs.differences(ssh_configs.make(number), tmp_path / "config")), number
