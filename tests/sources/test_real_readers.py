"""Drafts against the programs that the texts are of: nodeattr, the resolver, ssh."""

import subprocess
from pathlib import Path

import pytest

from matrix_grammar import Fleet
from matrix_grammar.model import Host, binding_name, texts
from matrix_grammar.reading import loads
from matrix_sources.registry import draft

GENDERS = """\
# the cluster
n[1-20],m1,m2    compute,cores=64,gpu=a100,self=%n
n[21-30]         compute,cores=128
n9               login
head1            login,mgmt,note=x%%y
lv[01-02]        lv,mgmt,cores=8
empty
"""

HOSTS = """\
127.0.0.1 localhost
10.0.0.1  web1.example.jp web1 www.example.jp  # first
10.0.0.2  web2.example.jp web2
2001:db8::1 web1.example.jp web1
10.0.0.2  old-web.example.jp
10.0.1.9  db1.example.jp db1 master.db
"""

SSH_CONFIG = """\
Host web1 w1
    HostName 10.0.0.1
    User "deploy"
Host web2 web3
    HostName=%h.example.jp
host gate
    port 0022
Host *.example.jp !secret.example.jp
    User nobody
Host web* !web3
    User root
    Port 2200
Host a.example.jp
Host db
    HostName db-3.int.example.jp
Match all
    User me
"""


def drafted(kind: str, text: str) -> Fleet:
    return loads(draft(kind, text, "FILE").text)


def output(*arguments: str | Path) -> str:
    return subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=True).stdout


@pytest.mark.needs("nodeattr")
def test_genders_as_nodeattr_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "genders"
    path.write_text(GENDERS)
    fleet = drafted("genders", GENDERS)
    assert {host.name for host in fleet} == set(output("nodeattr", "-f", path, "-s", "-A").split())
    for host in fleet:
        told = set(output("nodeattr", "-f", path, "-l", host.name).split())
        mine = {*host.roles, *(f"{key.removeprefix('genders.')}={texts(v)[0]}" for key, v in host.properties.items())}
        assert mine == told, host.name
    for role in fleet.roles:
        assert set(fleet.select(role).names) == set(output("nodeattr", "-f", path, "-s", role).split())


@pytest.mark.needs("unshare", "root", "getent")
def test_hosts_as_the_resolver_reads_them(tmp_path: Path) -> None:
    """Every name of the file leads to the addresses that the host which has this name in the draft has."""
    path = tmp_path / "hosts"
    path.write_text(HOSTS)
    fleet = drafted("hosts", HOSTS)
    names = {name: host for host in fleet for name in names_of(host)}
    assert set(names) == {word for line in HOSTS.splitlines()[1:] for word in line.partition("#")[0].split()[1:]}
    ask = "; ".join(f"echo {name} $(getent -s files ahosts {name} | cut -d' ' -f1 | sort -u)" for name in names)
    line = f"mount --bind {path} /etc/hosts && {ask}"
    answers = [answer.split() for answer in output("unshare", "-m", "sh", "-c", line).splitlines()]
    assert len(answers) == len(names)
    for name, *addresses in answers:
        assert set(addresses) <= set(names[name].addresses)
        assert addresses


def names_of(host: Host) -> set[str]:
    return {host.name, host.fullname, *texts(host.property("alias") or ())}


@pytest.mark.needs("ssh")
def test_ssh_config_as_ssh_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(SSH_CONFIG)
    fleet = drafted("ssh_config", SSH_CONFIG)
    asked = {name: host for host in fleet for name in {host.name, *texts(host.property("alias") or ())}}
    for name in ("web1", "w1", "web2", "web3", "gate", "a.example.jp", "db"):
        told = dict(line.split(" ", 1) for line in output("ssh", "-G", "-F", path, name).splitlines())
        host = asked[name]
        assert host.address == told["hostname"]
        if name != "w1":  # ssh knows it as a host of its own, to which `web*` is nothing
            assert texts(host.property("ssh.user") or "") == (told["user"],)
            assert texts(host.property("ssh.port") or "22") == (told["port"],)


def test_properties_of_a_draft_meet_nowhere() -> None:
    fleet = drafted("genders", "n1 a-b=1,a.b=2,A_B=3,a=x\nn1 ssh_port=9\n")
    spelled = [binding_name(key) for key in fleet.host("n1").properties]
    assert len(spelled) == len(set(spelled)) == 5
