"""Logging in to real sshd hosts with every kind of key."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from matrix_parts import require
from ssh_talk import SHORT, ask, keygen, saying
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Failure, Reply, Target
from matrix_distributor.transport import Pool, SSHOptions
from matrix_distributor.transport.ssh.login import signature_algorithm


@pytest.fixture
def config(fleet: SshdFleet, tmp_path: Path) -> Path:
    """The fleet's ssh_config without any key in it, and with an agent if there is one."""
    lines = fleet.ssh_config.read_text().splitlines()
    path = tmp_path / "ssh_config"
    kept = [line for line in lines if not line.split()[0].startswith("Identit")]
    path.write_text("\n".join(kept) + "\n")
    return path


def authorize(fleet: SshdFleet, *lines: str) -> None:
    fleet.write("h1", "/etc/ssh/fleet_authorized_keys", "".join(line + "\n" for line in lines).encode())


@pytest.fixture
def host(fleet: SshdFleet):  # type: ignore[no-untyped-def]
    """h1, whose authorized keys a test may change."""
    before = fleet.read("h1", "/etc/ssh/fleet_authorized_keys")
    yield fleet
    fleet.write("h1", "/etc/ssh/fleet_authorized_keys", before)


def made(tmp_path: Path, *kind: str, passphrase: str = "") -> Path:
    require("ssh-keygen")
    path = tmp_path / f"key-{'-'.join(kind)}".replace("/", "")
    short = ("-b", "2048") if kind == ("rsa",) else ()
    keygen("-t", *kind, *short, "-N", passphrase, "-f", path)
    return path


def public(path: Path) -> str:
    return Path(f"{path}.pub").read_text().strip()


@pytest.mark.parametrize(
    "kind",
    [
        ("ed25519",),
        ("ecdsa", "-b", "256"),
        ("ecdsa", "-b", "384"),
        ("ecdsa", "-b", "521"),
        ("ecdsa", "-m", "PEM"),
        ("rsa", "-b", "2048"),
        ("rsa", "-b", "2048", "-m", "PEM"),
    ],
    ids=" ".join,
)
def test_keys_from_files(host: SshdFleet, config: Path, tmp_path: Path, kind: tuple[str, ...]) -> None:
    key = made(tmp_path, *kind)
    authorize(host, public(key))
    assert isinstance(ask(config, ["h1"], identities=(key,))["h1"], Reply)


@pytest.mark.parametrize(
    ("kind", "taken", "chosen"),
    [
        ("ssh-rsa", ["rsa-sha2-256", "rsa-sha2-512"], "rsa-sha2-512"),
        ("ssh-rsa", ["ssh-ed25519", "rsa-sha2-256"], "rsa-sha2-256"),
        ("ssh-rsa", [], "rsa-sha2-512"),
        ("ssh-rsa", ["ssh-rsa"], None),
        ("ssh-rsa-cert-v01@openssh.com", [], "rsa-sha2-512-cert-v01@openssh.com"),
        ("ssh-ed25519", ["rsa-sha2-256"], "ssh-ed25519"),
    ],
)
def test_rsa_never_signs_with_sha1(kind: str, taken: list[str], chosen: str | None) -> None:
    assert signature_algorithm(kind, taken) == chosen


def test_a_passphrase_is_asked_once(host: SshdFleet, config: Path, tmp_path: Path) -> None:
    key = made(tmp_path, "ed25519", passphrase="open sesame")
    authorize(host, public(key))
    asked: list[Path] = []

    def passphrase(path: Path) -> str:
        asked.append(path)
        return "open sesame"

    options = SSHOptions(config=config, identities=(key,), passphrase=passphrase)
    with Pool(options, timeouts=SHORT) as pool:
        for _ in range(2):
            pairs = [(Target(name, "-"), saying("true")) for name in ("h1", "h2")]
            outcomes = {target.name: outcome for target, outcome in pool.converse(pairs)}
            assert isinstance(outcomes["h1"], Reply)
            assert isinstance(outcomes["h2"], Failure)
    assert asked == [key]


@pytest.mark.parametrize(("answer", "word"), [("wrong", "passphrase is wrong"), (None, "needs a passphrase")])
def test_without_the_passphrase_the_failure_says_so(
    host: SshdFleet, config: Path, tmp_path: Path, answer: str | None, word: str
) -> None:
    key = made(tmp_path, "ed25519", passphrase="open sesame")
    authorize(host, public(key))
    failure = ask(config, ["h1"], identities=(key,), passphrase=lambda path: answer)["h1"]
    assert isinstance(failure, Failure)
    assert failure.stage == "login"
    assert word in failure.cause


def test_keys_of_the_agent(host: SshdFleet, config: Path, tmp_path: Path, agent: Path) -> None:
    for kind in ("ed25519", "rsa"):
        key = made(tmp_path, kind)
        subprocess.run(["ssh-add", "-q", key], check=True, capture_output=True)
        key.unlink()
        authorize(host, public(key))
        assert isinstance(ask(config, ["h1"])["h1"], Reply)
        assert isinstance(ask(config, ["h1"], agent=False)["h1"], Failure)
        subprocess.run(["ssh-add", "-q", "-D"], check=True, capture_output=True)


def test_the_agent_holds_the_key_so_nobody_is_asked(host: SshdFleet, config: Path, tmp_path: Path, agent: Path) -> None:
    plain = made(tmp_path, "ed25519")
    subprocess.run(["ssh-add", "-q", plain], check=True, capture_output=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-f", plain], check=True, capture_output=True)
    authorize(host, public(plain))
    Path(f"{plain}.pub").unlink()

    def passphrase(path: Path) -> str:
        raise AssertionError("asked")

    assert isinstance(ask(config, ["h1"], identities=(plain,), passphrase=passphrase)["h1"], Reply)


def test_identities_only_keeps_other_keys_of_the_agent_back(
    host: SshdFleet, config: Path, tmp_path: Path, agent: Path
) -> None:
    key, other = made(tmp_path, "ed25519"), made(tmp_path, "rsa")
    subprocess.run(["ssh-add", "-q", key], check=True, capture_output=True)
    authorize(host, public(key))
    config.write_text(f"IdentityFile {other}\nIdentitiesOnly yes\n" + config.read_text())
    failure = ask(config, ["h1"])["h1"]
    assert isinstance(failure, Failure)
    assert str(other) in failure.cause
    assert "agent" not in failure.cause


def test_an_agent_that_is_gone_does_no_harm(host: SshdFleet, config: Path, tmp_path: Path, agent: Path) -> None:
    key = made(tmp_path, "ed25519")
    authorize(host, public(key))
    config.write_text(f"IdentityAgent {tmp_path}/nobody\n" + config.read_text())
    assert isinstance(ask(config, ["h1"], identities=(key,))["h1"], Reply)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
@pytest.mark.parametrize("held", ["file", "agent"])
def test_certificates(tmp_path: Path, kind: str, held: str, agent: Path) -> None:
    require("root", "sshd")
    authority, key = made(tmp_path, "ecdsa"), made(tmp_path, kind)
    keygen("-s", authority, "-I", "me", "-n", "root", Path(f"{key}.pub"))
    with SshdFleet(1, sshd_config="TrustedUserCAKeys /etc/ssh/authority.pub\n") as fleet:
        fleet.write("h1", "/etc/ssh/authority.pub", public(authority).encode())
        fleet.write("h1", "/etc/ssh/fleet_authorized_keys", b"")
        config = fleet.ssh_config.read_text().replace(str(fleet.identity), str(key))
        fleet.ssh_config.write_text(config.replace("IdentityAgent none", f"IdentityAgent {agent}"))
        if held == "agent":
            subprocess.run(["ssh-add", "-q", key], check=True, capture_output=True)
        outcome = ask(fleet.ssh_config, ["h1"])["h1"]
    assert isinstance(outcome, Reply)


def test_default_keys_are_found_at_home(host: SshdFleet, config: Path, tmp_path: Path) -> None:
    folder = Path("~/.ssh").expanduser()
    folder.mkdir()
    keygen("-t", "ed25519", "-N", "", "-f", folder / "id_ed25519")
    authorize(host, public(folder / "id_ed25519"))
    assert isinstance(ask(config, ["h1"])["h1"], Reply)


def test_a_refusal_names_the_user_and_every_key(host: SshdFleet, config: Path, tmp_path: Path) -> None:
    keys = [made(tmp_path, "ed25519"), made(tmp_path, "ecdsa")]
    failure = ask(config, ["h1"], identities=tuple(keys))["h1"]
    assert isinstance(failure, Failure)
    assert failure.stage == "login"
    assert "root may not log in" in failure.cause
    assert all(str(key) in failure.cause for key in keys)
    assert failure.cause.count("SHA256:") == 2
    assert "authorized_keys" in failure.cure


def test_the_right_key_may_be_the_last_of_several(host: SshdFleet, config: Path, tmp_path: Path) -> None:
    keys = [made(tmp_path, "ed25519"), made(tmp_path, "rsa"), made(tmp_path, "ecdsa")]
    authorize(host, public(keys[-1]))
    assert isinstance(ask(config, ["h1"], identities=tuple(keys))["h1"], Reply)


def test_too_many_keys_end_in_a_failure_that_says_what_to_do(host: SshdFleet, config: Path, tmp_path: Path) -> None:
    keys = [tmp_path / f"k{number}" for number in range(8)]
    for key in keys:
        keygen("-t", "ed25519", "-N", "", "-f", key)
    failure = ask(config, ["h1"], identities=tuple(keys))["h1"]
    assert isinstance(failure, Failure)
    assert failure.stage == "login"
    assert "Too many authentication failures" in failure.cause
    assert "IdentitiesOnly" in failure.cure


def test_without_any_key_nothing_is_tried(host: SshdFleet, config: Path) -> None:
    failure = ask(config, ["h1"])["h1"]
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.cause) == ("login", "there is no key to log in with")


def test_a_host_that_wants_more_than_a_key_is_told_apart(tmp_path: Path) -> None:
    require("root", "sshd")
    extra = "AuthenticationMethods publickey,keyboard-interactive\nKbdInteractiveAuthentication yes\nUsePAM yes\n"
    with SshdFleet(1, sshd_config=extra) as fleet:
        failure = ask(fleet.ssh_config, ["h1"])["h1"]
    assert isinstance(failure, Failure)
    assert "wants keyboard-interactive as well" in failure.cause


def test_a_key_that_does_not_exist_is_said_at_once(fleet: SshdFleet, tmp_path: Path) -> None:
    failure = ask(fleet.ssh_config, ["h1"], identities=(tmp_path / "none",))["h1"]
    assert isinstance(failure, Failure)
    assert "there is no such key" in failure.cause
