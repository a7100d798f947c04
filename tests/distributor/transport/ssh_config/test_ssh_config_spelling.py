"""How lines of an ssh_config may be spelled: each value is what `ssh -G` (or `ssh -v`) says of the same line."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix_distributor.dialogue import Target
from matrix_distributor.transport import SSHOptions, TransportError
from matrix_distributor.transport.ssh_config.route import Route, Routes
from matrix_distributor.transport.ssh_config.values import VALUES


def route(tmp_path: Path, text: str, name: str = "w101") -> Route:
    (tmp_path / "config").write_text(text)
    return Routes(SSHOptions(config=tmp_path / "config")).to(Target(name, "10.6.1.101"))


@pytest.mark.parametrize(
    ("value", "hop"),
    [
        ("bob@gate:2022 # why", ("bob", "gate", 2022)),
        ("gate other", (None, "gate", None)),
        ("= gate=", (None, "gate=", None)),
        ("[gate]", (None, "gate", None)),
        ("[bob@gate]", ("[bob", "gate]", None)),
        ("ssh://b%6fb+x@gate:2022/", ("bob x", "gate", 2022)),
        ("ssh://bob;fingerprint=x@gate", ("bob", "gate", None)),
        ("none # why", (None, "none", None)),
        ("[None]", (None, "None", None)),
    ],
)
def test_a_jump_host_is_read_as_ssh_reads_it(value: str, hop: tuple[str | None, str, int | None]) -> None:
    assert VALUES["proxyjump"]("proxyjump", value, []) == ("proxyjump", (hop,))


@pytest.mark.parametrize("value", ["a, b", "a/", "ssh://a/b", "ssh://a?b", "ssh://a%20", "[a", "#a", ""])
def test_a_jump_host_that_ssh_refuses_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is not of the form"):
        VALUES["proxyjump"]("proxyjump", value, [])


def test_an_address_in_an_uri_is_a_jump_host_here_though_ssh_refuses_it() -> None:
    assert VALUES["proxyjump"]("proxyjump", "ssh://[::1]:22", []) == ("proxyjump", ((None, "::1", 22),))


def test_jump_none_before_a_comment_is_a_host_for_ssh_and_the_line_is_told(tmp_path: Path) -> None:
    text = "Host w101\n ProxyJump none # why\n ProxyCommand nc x\nHost *\n ProxyJump gate\n"
    with pytest.raises(TransportError, match=r"config:2: .* ProxyJump none alone in its line, without a comment"):
        route(tmp_path, text)


def test_an_include_passes_over_folders_and_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "conf.d" / "old").mkdir(parents=True)
    (tmp_path / "conf.d" / "gone").symlink_to("nowhere")
    (tmp_path / "conf.d" / "site").write_text("Port 7\n")
    assert route(tmp_path, f"Include {tmp_path}/conf.d/*\nUser alice\n").port == 7


def test_a_folder_given_as_the_ssh_config_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="a folder, not an ssh_config"):
        Routes(SSHOptions(config=tmp_path))


@pytest.mark.parametrize("keyword", ["UserKnownHostsFile", "GlobalKnownHostsFile"])
def test_a_list_of_files_that_is_only_a_comment_sets_nothing(tmp_path: Path, keyword: str) -> None:
    default = route(tmp_path, "").known_hosts
    assert route(tmp_path, f"{keyword} # none\n").known_hosts == default
    assert Path("/a") in route(tmp_path, f"{keyword} # none\n{keyword} /a\n").known_hosts


@pytest.mark.parametrize("line", ["=Port 7", " = Port 7", '"" Port 7', '""Port=7', '"Port" 7'])
def test_an_empty_word_before_a_keyword_is_passed_over(tmp_path: Path, line: str) -> None:
    assert route(tmp_path, f"{line}\n").port == 7


def test_an_alias_is_looked_for_in_lower_case(tmp_path: Path) -> None:
    found = route(tmp_path, "HostKeyAlias AliaS\nUserKnownHostsFile /%k\n")
    assert found.names == ("alias",)
    assert found.known_hosts[0] == Path("/alias")


def test_a_host_is_looked_for_in_lower_case_whoever_names_it(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "UserKnownHostsFile /%h-%n\nProxyCommand nc %h\nHost w2\n HostName DB.x\n Port 7\n"
    )
    routes = Routes(SSHOptions(config=tmp_path / "config"))
    found = routes.to(Target("W101", "DB.x"))
    assert (found.host, found.known_hosts[0], found.proxy_command) == ("db.x", Path("/db.x-W101"), "nc db.x")
    assert routes.to(Target("w101", "fe80::1%enP1")).host == "fe80::1%enP1"
    assert routes.to(Target("w2", "DB.x", 9)).port == 9  # the MATRIX and ssh_config name one host


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ('HostName Gate\nMatch exec "test %h = Gate"\n Port 7', 7),
        ('HostName Gate\nMatch exec "test %h = gate"\n Port 7', 22),
        ('HostName Gate\nMatch final exec "test %h = gate"\n Port 7', 7),
        ('Match exec "test %h = W101"\n Port 7', 7),
        ('Match final exec "test %h = w101"\n Port 7', 7),
        ("HostName Gate\nMatch host gate\n Port 7", 7),
    ],
)
def test_match_exec_has_the_host_as_it_is_spelled_until_it_is_final(tmp_path: Path, text: str, port: int) -> None:
    assert route(tmp_path, f"{text}\n", "W101").port == port
