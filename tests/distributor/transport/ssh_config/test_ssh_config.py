from __future__ import annotations

import getpass
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matrix_distributor.dialogue import Target
from matrix_distributor.transport import SSHOptions, TransportError
from matrix_distributor.transport.ssh_config.route import Route, Routes


def route(tmp_path: Path, text: str, target: Target, **options: object) -> Route:
    (tmp_path / "config").write_text(text)
    return Routes(SSHOptions(config=tmp_path / "config", **options)).to(target)  # type: ignore[arg-type]


W1 = Target("w101", "10.6.1.101")


def test_without_a_word_in_it_the_matrix_says_where(tmp_path: Path) -> None:
    found = route(tmp_path, "", W1)
    assert (found.host, found.port, found.user) == ("10.6.1.101", 22, getpass.getuser())
    assert found.names == ("10.6.1.101", "w101")
    assert Path("~/.ssh/known_hosts").expanduser() in found.known_hosts


def test_port_and_user_of_the_matrix_win(tmp_path: Path) -> None:
    found = route(tmp_path, "Host *\n User alice\n Port 2200\n", Target("w101", "10.6.1.101", 2222, "root"))
    assert (found.port, found.user) == (2222, "root")


def test_ssh_config_fills_what_the_matrix_leaves_open(tmp_path: Path) -> None:
    found = route(tmp_path, "Host *\n User alice\n Port 2200\n", W1)
    assert (found.port, found.user) == (2200, "alice")


def test_an_explicit_host_name_wins_with_its_port(tmp_path: Path) -> None:
    text = "Host w101\n HostName 127.0.0.1\n Port 2201\n"
    found = route(tmp_path, text, Target("w101", "10.6.1.101", 22))
    assert (found.host, found.port) == ("127.0.0.1", 2201)


def test_the_option_user_wins_over_all(tmp_path: Path) -> None:
    assert route(tmp_path, "User alice\n", Target("w101", "10.6.1.101", user="root"), user="bob").user == "bob"


def test_files_and_switches(tmp_path: Path) -> None:
    text = f"""
        Host w101
          IdentityFile {tmp_path}/key1
          IdentityFile ~/key2
          IdentitiesOnly yes
          IdentityAgent none
          UserKnownHostsFile "{tmp_path}/known hosts" {tmp_path}/more
          GlobalKnownHostsFile /dev/null
          HostKeyAlias alias
          ConnectTimeout 3
          StrictHostKeyChecking no
    """
    found = route(tmp_path, text, W1)
    assert found.identities == (tmp_path / "key1", Path("~/key2").expanduser())
    assert found.chosen_identities
    assert found.identities_only
    assert found.identity_agent == "none"
    assert found.known_hosts == (tmp_path / "known hosts", tmp_path / "more")
    assert found.names == ("alias",)
    assert found.connect_timeout == 3


def test_options_come_before_ssh_config(tmp_path: Path) -> None:
    mine, known = tmp_path / "mine", tmp_path / "known"
    found = route(tmp_path, "IdentityFile /theirs\n", W1, identities=(mine,), known_hosts=(known,))
    assert found.identities == (mine, Path("/theirs"))
    assert found.known_hosts == (known,)


def test_identity_file_none_is_none_at_all(tmp_path: Path) -> None:
    found = route(tmp_path, "IdentityFile none\n", W1)
    assert found.identities == ()
    assert found.chosen_identities


def test_the_first_value_counts_also_between_named_and_general_blocks(tmp_path: Path) -> None:
    text = "Host w10?\n User first\nHost w101\n User second\n Port 3\nHost w102\n Port 4\nHost *\n Port 5\n"
    found = route(tmp_path, text, W1)
    assert (found.user, found.port) == ("first", 3)


def test_names_and_wildcards_may_stand_in_one_line_and_be_negated(tmp_path: Path) -> None:
    text = "Host w1* lv1\n User a\nHost * !w101\n Port 7\nHost !lv1 *\n Port 8\n"
    for name, user, port in (("w101", "a", 8), ("w199", "a", 7), ("lv1", "a", 7), ("db1", "z", 7)):
        found = route(tmp_path, text + "Host *\n User z\n", Target(name, "10.0.0.1"))
        assert (found.user, found.port) == (user, port), name


def test_tokens_of_a_proxy_command_know_the_address_of_the_matrix(tmp_path: Path) -> None:
    found = route(tmp_path, "ProxyCommand nc %h %p\nPort 2200\n", W1)
    assert found.proxy_command == "nc 10.6.1.101 2200"


def test_a_chain_of_jump_hosts(tmp_path: Path) -> None:
    text = "Host gate\n HostName 10.0.0.1\n User g\nHost w101\n ProxyJump outer,alice@gate:2022\n"
    found = route(tmp_path, text, W1)
    gate = found.jump
    assert gate is not None
    assert (gate.host, gate.port, gate.user) == ("10.0.0.1", 2022, "alice")
    assert gate.jump is not None
    assert gate.jump.host == "outer"
    assert gate.jump.jump is None


def test_no_jump_through_itself_for_ever(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="circle"):
        route(tmp_path, "Host *\n ProxyJump gate\n", W1)


def test_jump_none_is_none(tmp_path: Path) -> None:
    assert route(tmp_path, "Host w101\n ProxyJump none\nHost *\n ProxyJump gate\n", W1).jump is None


def test_includes_are_read_in_place(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("Host w101\n User included\n")
    found = route(tmp_path, f"Include {tmp_path}/*.conf\nHost *\n User later\n", W1)
    assert found.user == "included"


def test_an_include_of_itself_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="circle"):
        route(tmp_path, f"Include {tmp_path}/config\n", W1)


@pytest.mark.parametrize("text", ["Port nonsense\n", "ConnectTimeout soon\n", "Host w101\n ProxyJump a:b:c\n"])
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(TransportError, match=r"config:\d+: "):
        route(tmp_path, text, W1)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="no such ssh_config"):
        Routes(SSHOptions(config=tmp_path / "none"))


def test_a_thousand_hosts_with_a_block_each_cost_little(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "".join(f"Host w{n}\n HostName 10.6.{n // 250}.{n % 250}\n" for n in range(1000))
        + f"Host {' '.join(f'w{n}' for n in range(1000))} 10.*\n User root\n"
    )
    routes = Routes(SSHOptions(config=tmp_path / "config"))
    before = time.process_time()
    hosts = {routes.to(Target(f"w{n}", "-")).host for n in range(1000)}
    assert time.process_time() - before < 1
    assert len(hosts) == 1000


@pytest.mark.parametrize(("program", "user"), [("true", "alice"), ("false", "bob")])
def test_a_program_may_decide_what_holds_and_what_runs_it_is_loaded_for_that_alone(
    tmp_path: Path, program: str, user: str
) -> None:
    (tmp_path / "config").write_text(f'Match exec "{program}"\n User alice\nHost *\n User bob\n')
    lines = (
        "import sys, pathlib, matrix_distributor.transport as t, invoke",
        "import matrix_distributor.transport.ssh_config.route as c",
        "assert 'invoke.runners' not in sys.modules",
        "routes = c.Routes(t.SSHOptions(config=pathlib.Path(sys.argv[1])))",
        "print(routes.to(t.Target('w101', '10.6.1.101')).user)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), str(tmp_path / "config")], stdin=subprocess.DEVNULL, check=True,
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout == f"{user}\n"


@pytest.mark.parametrize(
    "criterion", ["tagged x", "localnetwork 203.0.113.0/24", "sessiontype exec", "command x", "no"]
)
def test_a_criterion_that_is_not_supported_is_an_error_with_its_line(tmp_path: Path, criterion: str) -> None:
    with pytest.raises(TransportError, match=rf"config:3: Match {criterion.split()[0]} is not supported here"):
        route(tmp_path, f"Host other\n Port 3\nMatch {criterion}\n User t\n", W1)


def test_blocks_of_an_included_file_end_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("Host other\n User included\nHost w*\n Port 7\n")
    text = f"Host w101\n Include {tmp_path}/a.conf\n User after\nHost lv1\n Include {tmp_path}/a.conf\n User lv\n"
    found = route(tmp_path, text, W1)
    assert (found.user, found.port) == ("after", 7)
    other = route(tmp_path, text, Target("other", "10.0.0.1", user="x"))
    assert other.port == 22


def test_match_knows_the_user_that_the_matrix_gives(tmp_path: Path) -> None:
    text = "Match user root\n Port 7\nMatch user alice\n Port 8\n"
    assert route(tmp_path, text, Target("w101", "10.6.1.101", user="alice")).port == 8
    assert route(tmp_path, text, Target("w101", "10.6.1.101", user="alice"), user="root").port == 7


def test_a_port_of_the_matrix_reaches_the_proxy_command(tmp_path: Path) -> None:
    found = route(tmp_path, "ProxyCommand nc %h %p\n", Target("w101", "10.6.1.101", 2222))
    assert found.proxy_command == "nc 10.6.1.101 2222"


def test_patterns_are_of_the_name_in_the_matrix_and_never_of_its_address(tmp_path: Path) -> None:
    found = route(tmp_path, "Host 10.6.*\n User a\nMatch host 10.6.*\n User b\nHost w1??\n User c\n", W1)
    assert found.user == "c"


@pytest.mark.parametrize("word", ["none", "/dev/null", "none\n GlobalKnownHostsFile none"])
def test_no_file_of_the_user_is_none_for_new_keys(tmp_path: Path, word: str) -> None:
    found = route(tmp_path, f"Host *\n UserKnownHostsFile {word}\n", W1)
    assert not found.keeps_new
    assert Path("/dev/null") not in found.known_hosts
    assert Path("none") not in found.known_hosts


def test_the_file_for_new_keys_is_the_first_of_the_user(tmp_path: Path) -> None:
    found = route(tmp_path, "UserKnownHostsFile /a /b\nGlobalKnownHostsFile /c\n", W1)
    assert (found.known_hosts, found.keeps_new) == ((Path("/a"), Path("/b"), Path("/c")), True)


def test_revoked_keys_that_are_not_read_are_said_so(tmp_path: Path) -> None:
    text = "Host w1*\n RevokedHostKeys /etc/ssh/revoked\n"
    assert route(tmp_path, text, Target("lv1", "10.0.0.1")).port == 22
    with pytest.raises(TransportError, match="config:2: RevokedHostKeys /etc/ssh/revoked is not supported here"):
        route(tmp_path, text, W1)


def test_a_time_has_units_and_a_flag_is_true_as_well(tmp_path: Path) -> None:
    found = route(tmp_path, "ConnectTimeout 1m30s\nIdentitiesOnly true\nPort ssh\n", W1)
    assert (found.connect_timeout, found.identities_only, found.port) == (90, True, 22)


def test_an_agent_may_be_given_by_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_AGENT", "/run/agent")
    assert route(tmp_path, "IdentityAgent $SITE_AGENT\n", W1).identity_agent == "/run/agent"
    assert route(tmp_path, "IdentityAgent ${SITE_AGENT}.%n\n", W1).identity_agent == "/run/agent.w101"
    assert route(tmp_path, "IdentityAgent $NO_SUCH_AGENT\n", W1).identity_agent == "none"


def test_a_hundred_stars_in_a_pattern_cost_nothing(tmp_path: Path) -> None:
    before = time.process_time()
    route(tmp_path, f"Host {'*a' * 100}b\n Port 7\n", Target("a" * 250, "10.0.0.1"))
    assert time.process_time() - before < 1


def test_a_zone_stands_behind_two_percent_signs(tmp_path: Path) -> None:
    assert route(tmp_path, "HostName fe80::1%%enP1\n", W1).host == "fe80::1%enP1"
    with pytest.raises(TransportError, match="config:1: hostname fe80::1%enP1: %e is no token"):
        route(tmp_path, "HostName fe80::1%enP1\n", W1)
