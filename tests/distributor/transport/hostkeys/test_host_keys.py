"""Host keys against real sshd hosts: always checked, told apart, never silently accepted."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest
from ssh_talk import SHORT, ask, keygen, saying
from sshd_fleet import PORT, SshdFleet

from matrix_distributor.dialogue import Failure, Reply, Target
from matrix_distributor.transport import Pool, SSHOptions


def place(fleet: SshdFleet, name: str) -> str:
    return f"[{fleet.address(name)}]:{PORT}"


def trusting(fleet: SshdFleet, tmp_path: Path, *lines: str, name: str = "h1", **options: object) -> Reply | Failure:
    """Speak to a host while known_hosts holds just these lines."""
    path = tmp_path / "known_hosts"
    path.write_text("".join(line + "\n" for line in lines))
    return ask(fleet.ssh_config, [name], known_hosts=(path,), **options)[name]


def other_key(tmp_path: Path, kind: str = "ed25519") -> tuple[str, str]:
    """A key that no host has, and its fingerprint."""
    path = tmp_path / f"other-{kind}"
    keygen("-t", kind, "-N", "", "-f", path)
    listed = subprocess.run(["ssh-keygen", "-lf", path], check=True, capture_output=True, text=True)
    return " ".join(Path(f"{path}.pub").read_text().split()[:2]), listed.stdout.split()[1]


def shown(fleet: SshdFleet, tmp_path: Path, name: str = "h1") -> str:
    (tmp_path / "shown.pub").write_text(fleet.host_key(name))
    listed = subprocess.run(["ssh-keygen", "-lf", tmp_path / "shown.pub"], check=True, capture_output=True, text=True)
    return listed.stdout.split()[1]


def refused(outcome: Reply | Failure) -> str:
    assert isinstance(outcome, Failure)
    assert outcome.stage == "host key"
    assert outcome.cure
    return outcome.cause


def test_a_known_key_is_accepted(fleet: SshdFleet, tmp_path: Path) -> None:
    assert isinstance(trusting(fleet, tmp_path, f"{place(fleet, 'h1')} {fleet.host_key('h1')}"), Reply)


def test_an_unknown_key_is_refused_with_its_fingerprint(fleet: SshdFleet, tmp_path: Path) -> None:
    cause = refused(trusting(fleet, tmp_path))
    assert "unknown host key ssh-ed25519" in cause
    assert shown(fleet, tmp_path) in cause


def test_a_changed_key_is_refused_with_both_fingerprints_and_the_line(fleet: SshdFleet, tmp_path: Path) -> None:
    key, print_ = other_key(tmp_path)
    cause = refused(trusting(fleet, tmp_path, "# first", f"{place(fleet, 'h1')} {key}"))
    assert "host key changed" in cause
    assert f"{shown(fleet, tmp_path)} was {print_} ({tmp_path}/known_hosts:2)" in cause


def test_a_changed_key_is_never_accepted_even_when_new_ones_are(fleet: SshdFleet, tmp_path: Path) -> None:
    key, _ = other_key(tmp_path)
    line = f"{place(fleet, 'h1')} {key}"
    assert "changed" in refused(trusting(fleet, tmp_path, line, accept_new=True))
    assert (tmp_path / "known_hosts").read_text() == line + "\n"


def test_a_key_of_another_type_does_not_slip_in(fleet: SshdFleet, tmp_path: Path) -> None:
    key, _ = other_key(tmp_path, "rsa")
    cause = refused(trusting(fleet, tmp_path, f"{place(fleet, 'h1')} {key}", accept_new=True))
    assert "another type" in cause


def test_a_revoked_key_is_refused_though_it_is_known(fleet: SshdFleet, tmp_path: Path) -> None:
    key = fleet.host_key("h1")
    cause = refused(trusting(fleet, tmp_path, f"{place(fleet, 'h1')} {key}", f"@revoked * {key}", accept_new=True))
    assert "revoked" in cause
    assert "known_hosts:2" in cause


def test_hashed_names_are_found(fleet: SshdFleet, tmp_path: Path) -> None:
    path = tmp_path / "hashed"
    path.write_text("".join(f"{place(fleet, name)} {fleet.host_key(name)}\n" for name in fleet.names))
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert fleet.address("h1") not in path.read_text()
    assert isinstance(ask(fleet.ssh_config, ["h1"], known_hosts=(path,))["h1"], Reply)


def test_a_new_key_is_accepted_when_asked_for_and_remembered(fleet: SshdFleet, tmp_path: Path) -> None:
    assert isinstance(trusting(fleet, tmp_path, accept_new=True), Reply)
    line = (tmp_path / "known_hosts").read_text()
    assert line == f"{place(fleet, 'h1')},[h1]:{PORT} {fleet.host_key('h1')}\n"
    assert isinstance(trusting(fleet, tmp_path, line.strip()), Reply)
    fleet.fault("wrongkey", "h1")
    assert "changed" in refused(trusting(fleet, tmp_path, line.strip(), accept_new=True))


def test_many_new_keys_are_accepted_at_once(fleet: SshdFleet, tmp_path: Path) -> None:
    path = tmp_path / "new" / "known_hosts"
    outcomes = ask(fleet.ssh_config, fleet.names, known_hosts=(path,), accept_new=True)
    assert all(isinstance(outcome, Reply) for outcome in outcomes.values())
    assert len(path.read_text().splitlines()) == len(fleet.names)
    again = ask(fleet.ssh_config, fleet.names, known_hosts=(path,))
    assert all(isinstance(outcome, Reply) for outcome in again.values())


def test_a_key_that_cannot_be_remembered_is_not_accepted(fleet: SshdFleet) -> None:
    outcome = ask(fleet.ssh_config, ["h1"], known_hosts=(Path("/proc/known_hosts"),), accept_new=True)["h1"]
    assert "could not be written" in refused(outcome)


@pytest.mark.parametrize("spelled", ["key", "fingerprint"])
def test_the_matrix_may_know_the_key(fleet: SshdFleet, tmp_path: Path, spelled: str) -> None:
    key = fleet.host_key("h1") if spelled == "key" else shown(fleet, tmp_path)
    options = SSHOptions(config=fleet.ssh_config, known_hosts=(tmp_path / "none",))
    with Pool(options, timeouts=SHORT) as pool:
        pairs = [
            (Target("h1", "-", host_keys=(key,)), saying("true")),
            (Target("h2", "-", host_keys=(key,)), saying("true")),
            (Target("h3", "-", host_keys=("nonsense",)), saying("true")),
        ]
        outcomes = {target.name: outcome for target, outcome in pool.converse(pairs)}
    assert isinstance(outcomes["h1"], Reply)
    assert "the MATRIX" in refused(outcomes["h2"])
    assert "ssh.hostkey of h3" in refused(outcomes["h3"])


def test_a_corrected_file_is_read_again_by_the_same_pool(fleet: SshdFleet, tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    with Pool(SSHOptions(config=fleet.ssh_config, known_hosts=(path,)), timeouts=SHORT) as pool:
        ((_, before),) = pool.converse([(Target("h1", "-"), saying("true"))])
        path.write_text(f"{place(fleet, 'h1')} {fleet.host_key('h1')}\n")
        ((_, after),) = pool.converse([(Target("h1", "-"), saying("true"))])
    assert "unknown" in refused(before)
    assert isinstance(after, Reply)


def certified(tmp_path: Path, fleet: SshdFleet, name: str, *options: str) -> str:
    """Sign a host's key with an authority, whose public key this gives, and lay the certificate on the host."""
    authority = tmp_path / "authority"
    if not authority.exists():
        keygen("-t", "ed25519", "-N", "", "-f", authority)
    public = tmp_path / "host.pub"
    public.write_text(fleet.host_key(name) + "\n")
    keygen("-s", authority, "-I", "host", *options, public)
    fleet.write(name, "/etc/ssh/host-cert.pub", (tmp_path / "host-cert.pub").read_bytes())
    return " ".join(Path(f"{authority}.pub").read_text().split()[:2])


@pytest.fixture
def certifying() -> SshdFleet:
    with SshdFleet(1, sshd_config="HostCertificate /etc/ssh/host-cert.pub\n") as fleet:
        yield fleet


@pytest.mark.needs("root", "sshd", "ssh-keygen")
def test_certificates_of_a_trusted_authority_are_accepted(certifying: SshdFleet, tmp_path: Path) -> None:
    fleet = certifying

    def outcome(line: str, *options: str) -> Reply | Failure:
        authority = certified(tmp_path, fleet, "h1", *options)
        fleet.heal("h1")
        return trusting(fleet, tmp_path, line.replace("AUTHORITY", authority))

    address = fleet.address("h1")
    good = ("-h", "-n", f"{address},h1.example.jp")
    trust = f"@cert-authority [127.*]:{PORT} AUTHORITY"
    assert isinstance(outcome(trust, *good), Reply)
    assert "made for elsewhere" in refused(outcome(trust, "-h", "-n", "elsewhere"))
    assert "not valid today" in refused(outcome(trust, *good, "-V", "20200101:20200102"))
    assert "which no @cert-authority line names" in refused(
        outcome(f"@cert-authority [127.*]:{PORT} {other_key(tmp_path)[0]}", *good)
    )
    assert "revoked" in refused(outcome(trust + f"\n@revoked * {fleet.host_key('h1')}", *good))
    assert "revoked" in refused(outcome(trust + "\n@revoked * AUTHORITY", *good))


def test_the_check_does_not_hold_up_other_hosts(fleet: SshdFleet, tmp_path: Path) -> None:
    """Two pools accept into one file at once, and no line is lost."""
    path = tmp_path / "known_hosts"
    halves = [fleet.names[:6], fleet.names[6:]]
    workers = [
        threading.Thread(target=ask, args=(fleet.ssh_config, half), kwargs={"known_hosts": (path,), "accept_new": True})
        for half in halves
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(path.read_text().splitlines()) == len(fleet.names)
