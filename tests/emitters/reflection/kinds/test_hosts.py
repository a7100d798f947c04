"""hosts: /etc/hosts of every host, its VIPs and what matrix.toml adds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from reflecting import HOSTILE, checked, errors, lines_that_differ, made, only, quoted, run

from matrix_emitters import EmitterError

MATRIX = """
@domain example.jp
[ps] vip=203.0.113.80:80 vip="[2001:db8::80]:80" vip.name=www
    w1  10.0.0.1
    w2  10.0.0.2  2001:db8::2  alias=old-w2  [STOP: disk]
x.example.net  10.0.0.3
vpn -
"""


def test_every_address_stands_with_its_names() -> None:
    assert only("hosts", MATRIX).content.decode().split("\n", 1)[1] == (
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "ff02::1\tip6-allnodes\n"
        "ff02::2\tip6-allrouters\n"
        "10.0.0.1\tw1.example.jp w1\n"
        "10.0.0.2\tw2.example.jp w2 old-w2\n"
        "2001:db8::2\tw2.example.jp w2 old-w2\n"
        "10.0.0.3\tx.example.net\n"
        "203.0.113.80\twww.example.jp www\n"
        "2001:db8::80\twww.example.jp www\n"
    )
    assert "\n192.0.2.9\tprinter\n" in only("hosts", MATRIX, extra=["192.0.2.9  printer"]).content.decode()


@pytest.mark.needs("unshare", "root", "getent")
def test_the_c_library_finds_hosts_by_it(tmp_path: Path) -> None:
    found = only("hosts", MATRIX)
    assert checked(found, tmp_path).returncode == 0
    line = (
        f"mount --bind {tmp_path}/staged /etc/hosts && getent -s files ahosts old-w2 && getent -s files hosts 10.0.0.1"
    )
    result = run("unshare", "-m", "sh", "-c", line)
    assert result.returncode == 0, result.stderr
    assert {line.split()[0] for line in result.stdout.splitlines()} == {"10.0.0.2", "2001:db8::2", "10.0.0.1"}
    assert result.stdout.splitlines()[-1].split() == ["10.0.0.1", "w1.example.jp", "w1"]


def test_the_check_refuses_a_file_without_localhost_or_with_another_line(tmp_path: Path) -> None:
    good = only("hosts", MATRIX)
    for bad in (b"", b"10.0.0.1 w1\n", good.content + b"oops\n"):
        assert checked(dataclasses.replace(good, content=bad), tmp_path).returncode != 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("w3 10.0.0.4 alias=w1\n", "the name w1 is claimed by w1.example.jp and by w3.example.jp"),
        ("[mx] vip=10.9.9.9:25 vip.name=w1\n", "the name w1 is claimed by w1.example.jp and by w1"),
        ("w3 10.0.0.4 alias=localhost\n", "the name localhost is claimed by w3.example.jp and by localhost"),
    ],
)
def test_a_name_of_two_machines_is_an_error(more: str, message: str) -> None:
    assert errors(only("hosts", MATRIX + more)) == [message]


def test_one_host_more_is_one_line_more() -> None:
    assert lines_that_differ(only("hosts", MATRIX), only("hosts", MATRIX + "w9 10.0.0.9\n")) == (
        [],
        ["10.0.0.9\tw9.example.jp w9"],
    )


@pytest.mark.parametrize("text", [text for text in HOSTILE if not text.startswith("xxx")])
def test_hostile_text_is_no_name(text: str) -> None:
    with pytest.raises(EmitterError, match="alias of host w1 is no host name"):
        made("hosts", f"w1 10.0.0.1 alias={quoted(text)}\n")


@pytest.mark.parametrize("extra", [["10.0.0.1"], ["nowhere x"], ["10.0.0.9 a\nb"], "10.0.0.9 a", ["10.0.0.9 a;b"]])
def test_a_line_of_matrix_toml_that_is_none_is_refused(extra: object) -> None:
    with pytest.raises(EmitterError, match=r"reflect\.hosts\.extra"):
        made("hosts", MATRIX, extra=extra)
