"""What is not as an install makes it is found, told with how it differs, and put right: bytes, kind, mode, owner."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.hostside.requests import HostState, query_command, read_state
from matrix_distributor.push.inspection import found

NOBODY = 65534
CONF = "/etc/dsas.conf"
SELF = "/etc/dsas.d/self"
STORE = "/var/lib/dsas"


def chmod(mode: int) -> Callable[[Path], None]:
    return lambda path: path.chmod(mode)


def chown(user: int, group: int) -> Callable[[Path], None]:
    return lambda path: os.chown(path, user, group)


def linked(path: Path) -> None:
    """The same bytes, behind a link."""
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def change(path: Path) -> None:
    """Other bytes of the same length, mode and time."""
    before = path.stat()
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES = {
    "bytes": (CONF, change, "other content"),
    "gone": (CONF, Path.unlink, "missing"),
    "mode": (CONF, chmod(0o600), "mode 0600, should be 0644"),
    "writable": (CONF, chmod(0o666), "mode 0666, should be 0644"),
    "set-id": (CONF, chmod(0o4644), "mode 4644, should be 0644"),
    "owner": (CONF, chown(NOBODY, 0), "owner 65534:0, should be 0:0"),
    "group": (CONF, chown(0, NOBODY), "owner 0:65534, should be 0:0"),
    "link": (CONF, linked, "a link instead of a file"),
    "pipe": (CONF, pipe, "neither file nor folder"),
    "mode inside": ("/etc/dsas.d/dsas.sh", chmod(0o640), "mode 0640, should be 0644"),
    "name mode": (SELF, chmod(0o600), "mode 0600, should be 0644"),
    "name owner": (SELF, chown(NOBODY, NOBODY), "owner 65534:65534, should be 0:0"),
    "name link": (SELF, linked, "a link instead of a file"),
    "name gone": (SELF, Path.unlink, "missing"),
    "folder": ("/etc/dsas.d", chmod(0o700), "mode 0700, should be 0755"),
    "folder open": ("/etc/dsas.d", chmod(0o2777), "mode 2777, should be 0755"),
    "folder owner": ("/etc/dsas.d", chown(NOBODY, NOBODY), "owner 65534:65534, should be 0:0"),
    "store": (STORE, chmod(0o700), "mode 0700, should be 0755"),
    "store owner": (STORE + "/generations", chown(NOBODY, 0), "owner 65534:0, should be 0:0"),
    "record": (STORE + "/current", chmod(0o600), "mode 0600, should be 0644"),
    "script": (STORE + "/install.sh", chmod(0o777), "mode 0777, should be 0755"),
    "script owner": (STORE + "/install.sh", chown(NOBODY, 0), "owner 65534:0, should be 0:0"),
}


def told(state: HostState) -> dict[str, str]:
    return dict(zip(state.drift, state.why, strict=True))


def changed(host, generation, name):
    """The generation that the host holds, of which something was changed there by hand."""
    path, act, _ = CHANGES[name]
    first = generation(1)
    host.install(first)
    act(Path(f"{host.root}{path}"))
    return first


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_named_and_put_right_by_the_next_push(host, generation, name):
    path, _, why = CHANGES[name]
    first = changed(host, generation, name)
    state = host.state()
    assert (state.condition, told(state)) == ("drift", {path: why})
    assert found(first, "w1", state, 0.1).cause == f"changed by hand: {path}: {why}"
    answer = host.install(first)
    assert isinstance(answer, HostState), answer
    assert host.state() == HostState(1, first.digest, "whole")
    assert host.leftovers() == []


@pytest.mark.parametrize("name", CHANGES)
def test_repair_by_hand_puts_it_right_as_well(host, generation, name):
    first = changed(host, generation, name)
    assert host.script("repair").returncode == 0
    if name not in ("name gone", "name link"):  # `repair` is told no name
        assert host.state() == HostState(1, first.digest, "whole")


@pytest.mark.parametrize("name", ["mode", "owner", "folder", "folder owner", "store", "script owner"])
def test_the_next_generation_puts_it_right_as_well(host, generation, name):
    first = changed(host, generation, name)
    second = generation(2, first)
    assert isinstance(host.install(second), HostState)
    assert host.state() == HostState(2, second.digest, "whole")


@pytest.mark.parametrize(
    ("name", "mode"), [("", 0o755), ("index", 0o644), ("lineage", 0o644), ("manifest.json", 0o644)]
)
def test_modes_of_its_own_copy_count_since_who_is_not_root_reads_it(host, generation, name, mode):
    first = generation(1)
    host.install(first)
    path = f"/var/lib/dsas/generations/{first.manifest.directory}/{name}".rstrip("/")
    Path(f"{host.root}{path}").chmod(mode & 0o700)
    assert told(host.state()) == {path: f"mode {mode & 0o700:04o}, should be {mode:04o}"}
    assert isinstance(host.install(first), HostState)
    assert host.state() == HostState(1, first.digest, "whole")


@pytest.mark.needs("root", "setpriv")
def test_below_a_root_of_ones_own_all_is_to_be_ones_own(host, generation):
    """Who installs there is not root, and comes by folders of root's to it."""
    user = [str(shutil.which("setpriv")), "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    user += [
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=+dac_read_search",
        "--bounding-set=-all,+dac_read_search",
    ]
    mine = replace(host, shell=(*user, *host.shell))
    os.chown(mine.root, NOBODY, NOBODY)
    first = generation(1)
    assert isinstance(mine.install(first), HostState)
    assert mine.state() == HostState(1, first.digest, "whole")
    os.chown(mine.root / "etc/dsas.conf", 0, 0)
    assert told(mine.state()) == {CONF: f"owner 0:0, should be {NOBODY}:{NOBODY}"}
    assert isinstance(mine.install(first), HostState)
    assert mine.state() == HostState(1, first.digest, "whole")
    os.chown(mine.root / "var/lib/dsas/install.sh", 0, 0)
    refused = mine.install(first)
    assert isinstance(refused, Trouble)
    path = mine.root / "var/lib/dsas/install.sh"
    assert refused.cause == f"{path}: owner 0:0, should be {NOBODY}:{NOBODY}, and cannot be set"


def test_what_lies_in_a_folder_of_somebody_else_is_put_right_when_the_folder_is_roots(host, generation, request):
    """Another thing may stand there by the next step: sh, which goes by names, leaves it to the next install."""
    first = generation(1)
    host.install(first)
    kept = host.root / "var/lib/dsas/generations" / first.manifest.directory
    os.chown(kept.parent, NOBODY, NOBODY)
    kept.chmod(0o700)
    host.install(first)
    assert kept.parent.stat().st_uid == 0
    if request.node.callspec.params["host"] in ("dash", "busybox"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700
        host.install(first)
    assert host.state() == HostState(1, first.digest, "whole")


@pytest.mark.needs("root", "unshare")
def test_a_host_without_proc_sees_what_else_there_is_to_see(host, generation):
    """As below a chroot: what is mounted cannot be known there."""
    without = [str(shutil.which("unshare")), "--mount", str(shutil.which("sh")), "-c"]
    bare = replace(host, shell=(*without, f'{shutil.which("umount")} -l /proc && exec "$@"', "sh", *host.shell))
    first = generation(1)
    assert isinstance(bare.install(first), HostState)
    (host.root / "etc/dsas.conf").chmod(0o600)
    assert told(bare.state()) == {CONF: "mode 0600, should be 0644"}
    assert isinstance(bare.install(first), HostState)
    assert bare.state() == HostState(1, first.digest, "whole")


def test_several_differences_of_a_file_are_all_told(host, generation):
    host.install(generation(1))
    conf = host.root / "etc/dsas.conf"
    change(conf)
    conf.chmod(0o600)
    os.chown(conf, NOBODY, NOBODY)
    expected = "other content, mode 0600, should be 0644, owner 65534:65534, should be 0:0"
    assert told(host.state()) == {CONF: expected}


def test_modes_are_told_with_all_their_digits(host, generation):
    host.install(generation(1))
    for mode in (0, 0o4, 0o44, 0o4044):
        (host.root / "etc/dsas.conf").chmod(mode)
        assert told(host.state()) == {CONF: f"mode {mode:04o}, should be 0644"}


def test_a_folder_in_the_place_of_a_file_is_told_with_the_cure_and_nothing_in_it_is_touched(host, generation):
    first = generation(1)
    host.install(first)
    for path in ("etc/dsas.conf", "etc/dsas.d/self"):
        (host.root / path).unlink()
        (host.root / path / "precious").mkdir(parents=True)
        assert told(host.state()) == {f"/{path}": "a folder instead of a file"}
        answer = host.install(first)
        assert isinstance(answer, Trouble), path
        assert answer.cause == f"there is a folder in the place of /{path}"
        assert answer.cure.endswith("move it away, then push again")
        assert (host.root / path / "precious").is_dir()
        shutil.rmtree(host.root / path)
        assert isinstance(host.install(first), HostState)
    assert host.state().condition == "whole"


def test_a_link_to_a_folder_in_the_place_of_a_file_is_replaced_and_what_it_leads_to_left_alone(host, generation):
    first = generation(1)
    host.install(first)
    precious = host.root / "precious"
    precious.mkdir()
    for path in ("etc/dsas.conf", "etc/dsas.d/self"):
        (host.root / path).unlink()
        (host.root / path).symlink_to(precious)
        assert told(host.state()) == {f"/{path}": "a link instead of a file"}
        assert isinstance(host.install(first), HostState)
    assert list(precious.iterdir()) == []
    assert host.state() == HostState(1, first.digest, "whole")


def test_a_file_in_the_place_of_the_folder_is_told(host, generation):
    host.install(generation(1))
    shutil.rmtree(host.root / "etc/dsas.d")
    (host.root / "etc/dsas.d").write_text("")
    assert told(host.state())["/etc/dsas.d"] == "a file instead of a folder"
    assert told(host.state())["/etc/dsas.d/dsas.sh"] == "missing"


def test_a_link_of_root_to_the_folder_is_no_drift(host, generation):
    (host.root / "etc").mkdir()
    (host.root / "srv/dsas.d").mkdir(parents=True)
    (host.root / "etc/dsas.d").symlink_to("../srv/dsas.d")
    first = generation(1)
    host.install(first)
    assert host.state() == HostState(1, first.digest, "whole")


def test_modes_that_the_site_has_chosen_are_those_that_count(host, generation):
    made = generation(1).artifacts
    private = tuple(replace(artifact, mode=0o640) if artifact.path == CONF else artifact for artifact in made)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    host.install(
        assemble_generation(private, 1, "matrix/MATRIX", parent=None, author="ann", now=now, fleet_id="f1" * 16)
    )
    assert host.state().condition == "whole"
    (host.root / "etc/dsas.conf").chmod(0o644)
    assert told(host.state()) == {CONF: "mode 0644, should be 0640"}


def test_a_file_that_a_folder_makes_another_groups_becomes_roots_all_the_same(host, generation):
    folder = host.root / "etc/site"
    folder.mkdir(parents=True)
    os.chown(folder, 0, NOBODY)
    folder.chmod(0o2755)
    first = generation(1, extra={"/etc/site/dsas.php": b"1\n"})
    host.install(first)
    status = (folder / "dsas.php").stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, 0, 0o644)
    assert host.state() == HostState(1, first.digest, "whole")


def test_the_folder_of_a_site_is_left_as_it_is(host, generation):
    folder = host.root / "etc/site"
    folder.mkdir(parents=True)
    folder.chmod(0o750)
    host.install(generation(1, extra={"/etc/site/dsas.php": b"1\n"}))
    assert host.state().condition == "whole"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_a_host_that_takes_itself_for_another_is_told_and_told_who_it_is(host, generation):
    first = generation(1)
    host.install(first)
    (host.root / "etc/dsas.d/self").write_text("")
    assert told(host.state()) == {SELF: "says nothing"}
    (host.root / "etc/dsas.d/self").write_text("w2\n")
    outcome = found(first, "w1", host.state(), 0.1)
    assert (outcome.result, outcome.drift) == ("drifted", (SELF,))
    assert outcome.cause == "changed by hand: /etc/dsas.d/self: says that this is w2"
    assert outcome.cure == "matrix push puts it right"
    assert host.install(first) == HostState(1, first.digest, "same")
    assert found(first, "w1", host.state(), 0.1).result == "current"


def test_a_damaged_copy_of_the_generation_is_noticed_and_replaced(host, generation):
    first = generation(1)
    host.install(first)
    kept = host.root / "var/lib/dsas/generations" / first.manifest.directory
    for path, act in (("matrix/MATRIX", change), ("root/etc/dsas.conf", Path.unlink), ("lineage", Path.unlink)):
        act(kept / path)
        assert host.state().condition == "broken", path
        assert found(first, "w1", host.state(), 0.1).cause == "its own copy of the generation is damaged"
        assert isinstance(host.install(first), HostState)
        assert host.state() == HostState(1, first.digest, "whole")


def test_what_somebody_left_in_a_folder_that_was_his_leads_nowhere_when_it_is_roots_again(host, generation):
    first = generation(1)
    host.install(first)
    folder, precious = host.root / "etc/dsas.d", host.root / "precious"
    precious.write_text("mine\n")
    os.chown(folder, NOBODY, NOBODY)
    (folder / ".self").symlink_to(precious)
    (folder / "self").unlink()
    (folder / ".dsas-new").mkdir()
    os.chown(folder / ".dsas-new", NOBODY, NOBODY)
    (folder / ".dsas-new/dsas.sh").symlink_to(precious)
    for _ in range(3):  # without perl the first one only gives the folder back
        host.install(first)
    assert host.state() == HostState(1, first.digest, "whole")
    assert precious.read_text() == "mine\n"


def test_a_host_of_the_release_before_answers_as_ever(host, generation):
    host.install(generation(1))
    reply = host.run(query_command())
    lines = [line for line in reply.stdout.splitlines(True) if line.startswith(b"dsas 1 ")]
    (state,) = [read_state(type(reply)(0, b"".join(lines), b"", 0.1))]
    assert isinstance(state, HostState)
    assert found(generation(1), "w1", state, 0.1).result == "current"


def test_what_a_host_says_of_a_difference_has_a_bound_and_is_safe(host, generation):
    host.install(generation(1))
    reply = host.run(query_command())
    lie = b"why \x1b[31m" + b"x" * 100_000 + b"\ndrift /etc/dsas.conf\n"
    state = read_state(type(reply)(0, lie + reply.stdout.splitlines(True)[-1], b"", 0.1))
    assert isinstance(state, HostState)
    assert len(state.why[0]) <= 200
    assert "\x1b" not in state.why[0]
