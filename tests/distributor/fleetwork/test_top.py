"""The folder of a tree itself: made as it is here, left and told where it is there, compared, set when asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sshd_fleet import SshdFleet

from matrix_distributor.fleetwork import Session, facts, held_here
from matrix_distributor.fleetwork.copy import CopyOptions, CopyOutcome, scan

SECRET = "/srv/host/secret"


def copy(session: Session, word: str, options: CopyOptions | None = None, **how: object) -> CopyOutcome:
    (outcome,) = session.copy("h1", scan(word, **how), options)  # type: ignore[arg-type]
    assert outcome.ok, outcome
    return outcome


def what(outcome: CopyOutcome) -> dict[str, str]:
    return {change.path: change.what for change in outcome.changes}


def like(hosts: SshdFleet, path: str) -> tuple[str, int, int]:
    status = hosts.path("h1", path).stat()
    return f"{status.st_mode & 0o7777:04o}", status.st_uid, status.st_gid


def same_there(session: Session, word: str) -> bool:
    path, ours, _ = held_here(word)
    (outcome,) = session.held(session.choose("h1"), path)
    return facts(outcome.held, modes=True) == facts(ours, modes=True)


@pytest.fixture(params=["", "/"], ids=["DIR:", "DIR/:"])
def secret(request: pytest.FixtureRequest, hosts: SshdFleet, here: Path) -> str:
    """A tree whose own folder is closed; its two ways to be named mean the same."""
    assert hosts.run("h1", "sh", "-c", "rm -rf /srv/host/*").returncode == 0
    (here / "secret").mkdir()
    (here / "secret/key").write_bytes(b"k\n")
    (here / "secret").chmod(0o2750)
    os.chown(here / "secret", 1, 4)  # daemon, adm
    return f"{here}/secret{request.param}:{SECRET}{request.param}"


def test_it_is_made_with_mode_and_owner_of_the_one_here(session: Session, hosts: SshdFleet, secret: str) -> None:
    assert what(copy(session, secret)) == {SECRET: "new", f"{SECRET}/key": "new"}
    assert like(hosts, SECRET) == ("2750", 1, 4)
    assert what(copy(session, secret)) == {}
    assert same_there(session, secret)


def test_owner_counts_for_it_and_mode_for_files_alone(session: Session, hosts: SshdFleet, secret: str) -> None:
    copy(session, secret, mode=0o600, owner="games:games")
    assert like(hosts, SECRET) == ("2750", 5, 60)


def test_one_that_is_there_is_left_as_it_is_and_told(session: Session, hosts: SshdFleet, secret: str) -> None:
    hosts.path("h1", SECRET).mkdir()
    outcome = copy(session, secret)
    assert what(outcome) == {f"{SECRET}/key": "new"}
    assert outcome.kept == "0755 root:root there, 2750 daemon:adm here"
    assert like(hosts, SECRET) == ("0755", 0, 0)
    again = copy(session, secret)
    assert (what(again), again.kept) == ({}, outcome.kept)
    assert not same_there(session, secret)


def test_one_that_is_there_is_set_when_that_is_asked_for(session: Session, hosts: SshdFleet, secret: str) -> None:
    hosts.path("h1", SECRET).mkdir()
    hosts.path("h1", SECRET).chmod(0o7777)
    dry = copy(session, secret, CopyOptions(top=True, dry=True))
    assert what(dry) == {SECRET: "mode", f"{SECRET}/key": "new"}
    assert like(hosts, SECRET) == ("7777", 0, 0)
    outcome = copy(session, secret, CopyOptions(top=True))
    assert (what(outcome), outcome.kept) == ({SECRET: "mode", f"{SECRET}/key": "new"}, "")
    assert like(hosts, SECRET) == ("2750", 1, 4)
    hosts.path("h1", SECRET).chmod(0o755)
    assert not same_there(session, secret)
    assert what(copy(session, secret, CopyOptions(top=True))) == {SECRET: "mode"}
    assert same_there(session, secret)


def test_set_id_and_sticky_bits_are_taken_away_as_well(session: Session, hosts: SshdFleet, here: Path) -> None:
    for name in ("top", "top/in"):
        (here / name).mkdir()
        hosts.path("h1", f"/srv/host/{name}").mkdir(exist_ok=True)
        hosts.path("h1", f"/srv/host/{name}").chmod(0o7755)
    outcome = copy(session, f"{here}/top:/srv/host/top", CopyOptions(top=True))
    assert what(outcome) == {"/srv/host/top": "mode", "/srv/host/top/in": "mode"}
    assert like(hosts, "/srv/host/top")[0] == like(hosts, "/srv/host/top/in")[0] == "0755"
    assert what(copy(session, f"{here}/top:/srv/host/top", CopyOptions(top=True))) == {}


def test_a_folder_of_the_system_is_not_changed_by_surprise(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "etc").mkdir()
    (here / "etc/own.conf").write_bytes(b"x\n")
    (here / "etc").chmod(0o777)
    before = like(hosts, "/etc")
    outcome = copy(session, f"{here}/etc/:/etc/")
    assert what(outcome) == {"/etc/own.conf": "new"}
    assert like(hosts, "/etc") == before == ("0755", 0, 0)


def test_an_empty_tree_is_made_and_is_the_same_then(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "empty").mkdir(mode=0o700)
    word = f"{here}/empty/:/srv/host/a/b/empty/"
    assert what(copy(session, word, CopyOptions(dry=True))) == {"/srv/host/a/b/empty": "new"}
    assert not hosts.exists("h1", "/srv/host/a")
    assert what(copy(session, word)) == {"/srv/host/a/b/empty": "new"}
    assert like(hosts, "/srv/host/a/b/empty") == ("0700", 0, 0)
    assert like(hosts, "/srv/host/a/b") == ("0755", 0, 0)
    assert what(copy(session, word)) == {}
    assert same_there(session, word)


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_what_stands_in_its_place_is_not_replaced(session: Session, hosts: SshdFleet, here: Path, kind: str) -> None:
    place = hosts.path("h1", f"/srv/host/{kind}")
    if kind == "file":
        place.write_bytes(b"mine\n")
    else:
        place.symlink_to("victim" if kind == "link" else "nothing")
        hosts.write("h1", "/srv/host/victim", b"mine\n")
    (here / "tree").mkdir()
    (outcome,) = session.copy("h1", scan(f"{here}/tree:/srv/host/{kind}"))
    assert (outcome.result, outcome.stage) == ("failed", "survey")
    found = "file" if kind == "file" else "link"
    assert (
        outcome.cause == f"/srv/host/{kind} is a {found} on the host, and a folder here: it is not followed or replaced"
    )
    assert place.is_file() or place.is_symlink()


def test_a_tree_in_the_place_of_a_file_is_told(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "file").write_bytes(b"x")
    hosts.path("h1", "/srv/host/tree").mkdir(exist_ok=True)
    (outcome,) = session.copy("h1", scan(f"{here}/file:/srv/host/tree"))
    assert outcome.cause == "/srv/host/tree is a folder on the host, and a file here: it is not replaced"
    assert not same_there(session, f"{here}/file:/srv/host/tree")


def test_a_link_of_root_to_the_folder_is_followed(session: Session, hosts: SshdFleet, secret: str) -> None:
    hosts.path("h1", "/srv/host/real").mkdir()
    hosts.path("h1", SECRET).symlink_to("real")
    assert what(copy(session, secret, CopyOptions(top=True))) == {SECRET: "mode", f"{SECRET}/key": "new"}
    assert like(hosts, "/srv/host/real") == ("2750", 1, 4)


def test_in_a_folder_of_a_user_it_is_made_and_set_as_well(session: Session, hosts: SshdFleet, secret: str) -> None:
    site = hosts.path("h1", "/srv/host/site")
    site.mkdir()
    os.chown(site, 65534, 65534)
    word = secret.replace(SECRET, "/srv/host/site/in/top")
    assert what(copy(session, word)) == {"/srv/host/site/in/top": "new", "/srv/host/site/in/top/key": "new"}
    assert like(hosts, "/srv/host/site/in/top") == ("2750", 1, 4)
    assert (site.stat().st_uid, site.stat().st_mode & 0o7777) == (65534, 0o755)
    hosts.path("h1", "/srv/host/site/in/top").chmod(0o777)
    assert what(copy(session, word, CopyOptions(top=True))) == {"/srv/host/site/in/top": "mode"}
    assert like(hosts, "/srv/host/site/in/top") == ("2750", 1, 4)


def test_hard_links_are_files_with_the_same_content(session: Session, hosts: SshdFleet, here: Path) -> None:
    (here / "tree").mkdir()
    (here / "tree/one").write_bytes(b"1\n")
    os.link(here / "tree/one", here / "tree/two")
    copy(session, f"{here}/tree:/srv/host/hard")
    assert hosts.read("h1", "/srv/host/hard/one") == hosts.read("h1", "/srv/host/hard/two") == b"1\n"
    assert same_there(session, f"{here}/tree:/srv/host/hard")
