from __future__ import annotations

import base64
import os
import struct
import subprocess
import threading
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts, fingerprint, judge, parse_key, spelling


def blob(number: int, kind: str = "ssh-ed25519") -> bytes:
    name = kind.encode()
    return struct.pack(">I", len(name)) + name + struct.pack(">I", 32) + bytes([number]) * 32


def key(number: int, kind: str = "ssh-ed25519") -> str:
    return f"{kind} {base64.b64encode(blob(number, kind)).decode()}"


def known(tmp_path: Path, *lines: str) -> KnownHosts:
    path = tmp_path / "known_hosts"
    path.write_text("".join(line + "\n" for line in lines))
    return KnownHosts([path])


def found(files: KnownHosts, host: str, port: int = 22) -> list[str]:
    return [entry.fingerprint for entry in files.keys([host], port)]


def test_a_host_is_found_by_name_address_and_without_case(tmp_path: Path) -> None:
    files = known(tmp_path, f"W101,10.6.1.101 {key(1)} a comment", f"w102 {key(2)}")
    for host in ("w101", "W101", "10.6.1.101"):
        assert found(files, host) == [fingerprint(blob(1))]
    assert found(files, "w103") == []


def test_another_port_is_another_host(tmp_path: Path) -> None:
    files = known(tmp_path, f"w101 {key(1)}", f"[w101]:2222 {key(2)}")
    assert found(files, "w101", 22) == [fingerprint(blob(1))]
    assert found(files, "w101", 2222) == [fingerprint(blob(2))]
    assert found(files, "w101", 2223) == []


def test_wildcards_match_and_negations_forbid(tmp_path: Path) -> None:
    files = known(tmp_path, f"*.example.jp,!bad.example.jp {key(1)}", f"[10.6.?.*]:2222 {key(2)}")
    assert found(files, "w1.example.jp") == [fingerprint(blob(1))]
    assert found(files, "bad.example.jp") == []
    assert found(files, "10.6.1.17", 2222) == [fingerprint(blob(2))]
    assert found(files, "10.6.1.17") == []


def test_names_hashed_by_ssh_keygen_are_found(tmp_path: Path) -> None:
    require("ssh-keygen")
    path = tmp_path / "known_hosts"
    path.write_text(f"w101 {key(1)}\n[w102]:2222 {key(2)}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "w101" not in path.read_text()
    files = KnownHosts([path])
    assert found(files, "w101") == [fingerprint(blob(1))]
    assert found(files, "w102", 2222) == [fingerprint(blob(2))]
    assert found(files, "w103") == []


def test_a_fingerprint_is_that_of_ssh_keygen(tmp_path: Path) -> None:
    require("ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "k"], check=True)
    text = (tmp_path / "k.pub").read_text()
    listed = subprocess.run(["ssh-keygen", "-lf", tmp_path / "k.pub"], check=True, capture_output=True, text=True)
    assert parse_key(text, "here").fingerprint == listed.stdout.split()[1]


def test_comments_blank_and_damaged_lines_make_nothing_known(tmp_path: Path) -> None:
    files = known(
        tmp_path,
        "# a comment",
        "",
        "w101",
        "w101 ssh-ed25519",
        "w101 ssh-ed25519 %%%",
        f"w101 ssh-rsa {key(1).split()[1]}",
        f"@unheard-of w101 {key(1)}",
        "|1|nonsense ssh-ed25519 AAAA",
    )
    assert found(files, "w101") == []


def test_a_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert found(KnownHosts([tmp_path / "none"]), "w101") == []


@pytest.mark.parametrize(
    ("lines", "shown", "verdict"),
    [
        ([f"w1 {key(1)}"], blob(1), "known"),
        ([f"w1 {key(1)}"], blob(2), "changed"),
        ([], blob(1), "unknown"),
        ([f"w1 {key(1)}", f"w1 {key(2)}"], blob(2), "known"),
        ([f"w1 {key(1)}", f"@revoked w1 {key(1)}"], blob(1), "revoked"),
        ([f"@revoked * {key(1)}"], blob(1), "revoked"),
        ([f"w1 {key(1)}", f"@revoked\t*\t{key(1)}"], blob(1), "revoked"),
        ([f"w1 {key(1)}", f"@revoked \t w1 {key(1)}\r"], blob(1), "revoked"),
        ([f"@revoked * {key(1)}"], blob(2), "unknown"),
        ([f"@cert-authority * {key(1)}"], blob(1), "unknown"),
        ([f"w1 {key(1)}"], blob(1, "ssh-rsa"), "changed"),
        ([f"w1 {key(1)}", f"w1 {key(3, 'ssh-rsa')}"], blob(3, "ssh-rsa"), "known"),
    ],
)
def test_the_verdict_over_a_key(tmp_path: Path, lines: list[str], shown: bytes, verdict: str) -> None:
    assert judge(known(tmp_path, *lines).keys(["w1"], 22), shown) == verdict


def test_a_fingerprint_in_the_matrix_makes_a_key_known() -> None:
    entry = parse_key(fingerprint(blob(1)), "the MATRIX")
    assert judge([entry], blob(1)) == "known"
    assert judge([entry], blob(2)) == "changed"


@pytest.mark.parametrize(
    "text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 ***", f"ssh-rsa {key(1).split()[1]}"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_key(text, "here")


def test_an_accepted_key_is_known_at_once_and_later(tmp_path: Path) -> None:
    files = known(tmp_path, f"w101 {key(1)}")
    (tmp_path / "known_hosts").write_text(f"w101 {key(1)}")  # without a line end
    (tmp_path / "known_hosts").chmod(0o640)
    files.accept(["10.6.1.102", "w102"], 2222, blob(2))
    for current in (files, KnownHosts([tmp_path / "known_hosts"])):
        assert found(current, "w102", 2222) == found(current, "10.6.1.102", 2222) == [fingerprint(blob(2))]
        assert found(current, "w101") == [fingerprint(blob(1))]
    assert (tmp_path / "known_hosts").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["known_hosts"]


def test_accepting_makes_the_file_and_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "new" / "known_hosts")
    KnownHosts([tmp_path / "link"]).accept(["w1"], 22, blob(1))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new" / "known_hosts").read_text() == f"w1 {key(1)}\n"
    assert (tmp_path / "new" / "known_hosts").stat().st_mode & 0o777 == 0o600


def test_several_acceptors_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    workers = [
        threading.Thread(target=lambda n=n: [KnownHosts([path]).accept([f"w{n}-{i}"], 22, blob(n)) for i in range(10)])
        for n in range(5)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    names = {line.split()[0] for line in path.read_text().splitlines()}
    assert names == {f"w{n}-{i}" for n in range(5) for i in range(10)}


def test_a_file_changed_by_somebody_else_is_noticed(tmp_path: Path) -> None:
    files = known(tmp_path, f"w101 {key(1)}")
    assert not files.stale()
    files.accept(["w102"], 22, blob(2))
    assert not files.stale()
    (tmp_path / "known_hosts").write_text(f"w103 {key(3)} longer than before, and more so\n" * 5)
    assert files.stale()


def test_five_thousand_lines_are_read_in_no_time(tmp_path: Path) -> None:
    import time

    files = known(tmp_path, *(f"w{n},10.6.{n // 250}.{n % 250} {key(n % 250)}" for n in range(5000)))
    before = time.process_time()
    KnownHosts(files.paths)
    assert time.process_time() - before < 0.5
    assert found(files, "w4999") == [fingerprint(blob(4999 % 250))]


def test_spelling() -> None:
    assert spelling("W1", 22) == "w1"
    assert spelling("fe80::1", 2222) == "[fe80::1]:2222"
