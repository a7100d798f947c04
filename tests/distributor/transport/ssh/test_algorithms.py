"""Real sshd that offer one algorithm alone: each that we have, by each name under which OpenSSH offers it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from matrix_parts import require
from ssh_talk import ask, keygen
from sshd_fleet import PORT, SshdFleet

from matrix_distributor.dialogue import Reply
from matrix_distributor.transport.ssh.core import Core
from matrix_distributor.transport.ssh.kex import modp_8192

WITHOUT = {
    "kex": {"sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com", "mlkem768nistp256-sha256",
            "mlkem1024nistp384-sha384"},
    "cipher": {"chacha20-poly1305@openssh.com"},
    "mac": {"umac-64@openssh.com", "umac-128@openssh.com", "umac-64-etm@openssh.com", "umac-128-etm@openssh.com",
            "hmac-sha1", "hmac-sha1-etm@openssh.com"},
    "key": set(),
}  # fmt: skip
"""What sshd offers and our library has not, and SHA-1, which is left out on purpose."""

_DEFAULTS = {"kex": "kexalgorithms", "cipher": "ciphers", "mac": "macs", "key": "hostkeyalgorithms"}
_KEYS = {"ssh-ed25519": "ed25519", "ecdsa-sha2-nistp256": "ecdsa:256", "ecdsa-sha2-nistp384": "ecdsa:384",
         "ecdsa-sha2-nistp521": "ecdsa:521", "rsa-sha2-512": "rsa:2048", "rsa-sha2-256": "rsa:2048"}  # fmt: skip


def offered_by_sshd(fleet: SshdFleet, kind: str) -> set[str]:
    """What this machine's sshd offers when nothing is configured."""
    key = "/etc/ssh/ssh_host_ed25519_key"
    told = fleet.run("h1", "/usr/sbin/sshd", "-T", "-f", "/dev/null", "-h", key).stdout.decode()
    (line,) = [line for line in told.splitlines() if line.startswith(_DEFAULTS[kind] + " ")]
    return {name for name in line.split()[1].split(",") if "cert-v01" not in name and not name.startswith("sk-")}


def test_each_that_sshd_offers_is_offered_here_or_left_out_on_purpose() -> None:
    require("root", "sshd")
    ours = {"kex": Core._preferred_kex, "cipher": Core._preferred_ciphers, "mac": Core._preferred_macs, "key": _KEYS}
    with SshdFleet(1) as fleet:
        for kind, names in ours.items():
            offered = offered_by_sshd(fleet, kind)
            assert len(offered) > 3
            assert offered - set(names) <= WITHOUT[kind], kind


def settings_of_each() -> dict[str, str]:
    """What makes sshd offer each algorithm alone, by a name for its host; where this machine's OpenSSH has it."""
    ours = {"KexAlgorithms": Core._preferred_kex, "Ciphers": Core._preferred_ciphers, "MACs": Core._preferred_macs}
    ours["HostKeyAlgorithms"] = tuple(_KEYS)
    found: dict[str, str] = {}
    for keyword, names in ours.items():
        told = subprocess.run(["ssh", "-Q", keyword], capture_output=True, text=True, check=True)
        for name in sorted(set(names) & set(told.stdout.split())):
            more = "Ciphers aes128-ctr\n" if keyword == "MACs" else ""
            found[f"{keyword.lower()}{len(found)}"] = f"{keyword} {name}\n{more}"
    return found


def test_each_algorithm_alone(tmp_path: Path) -> None:
    require("root", "sshd", "ssh", "ssh-keygen")
    alone = settings_of_each()
    assert "KexAlgorithms curve25519-sha256\n" in alone.values()
    assert "KexAlgorithms diffie-hellman-group18-sha512\n" in alone.values()
    with SshdFleet(alone, sshd_config="Include /etc/ssh/alone*\n") as fleet:
        known = tmp_path / "known_hosts"
        known.write_text(fleet.known_hosts.read_text())
        for host, settings in alone.items():
            algorithm = settings.split()[1]
            if algorithm in _KEYS:
                kind, _, bits = _KEYS[algorithm].partition(":")
                key = tmp_path / host
                keygen("-t", kind, *(["-b", bits] if bits else []), "-N", "", "-f", key)
                fleet.write(host, "/etc/ssh/own_key", key.read_bytes())
                fleet.path(host, "/etc/ssh/own_key").chmod(0o600)
                settings += "HostKey /etc/ssh/own_key\n"
                with known.open("a") as file:
                    file.write(f"[{fleet.address(host)}]:{PORT} {key.with_suffix('.pub').read_text()}")
            fleet.write(host, "/etc/ssh/alone", settings.encode())
        fleet.fault("ok", *alone)
        outcomes = ask(fleet.ssh_config, alone, known_hosts=(known,))
    failed = {alone[host]: outcome for host, outcome in outcomes.items() if not isinstance(outcome, Reply)}
    assert not failed
    assert [outcomes[host].stdout for host in alone] == [f"{host}\n".encode() for host in alone]  # type: ignore[union-attr]


def test_the_largest_group_is_that_of_rfc_3526() -> None:
    prime = f"{modp_8192():X}"
    assert (len(prime), prime[:40], prime[-40:]) == (
        2048,
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B",
        "9558E4475677E9AA9E3050E2765694DFC81F56E880B96E7160C980DD98EDD3DFFFFFFFFFFFFFFFFF"[-40:],
    )
