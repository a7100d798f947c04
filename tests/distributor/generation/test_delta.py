"""What changes between generations: the files come out the same as from the whole, on hosts of every kind."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix_common.trouble import Trouble
from matrix_distributor.generation.delta import Delta, delta, deltas_to
from matrix_distributor.hostside.requests import change_command, read_state
from matrix_distributor.push.deltas import deltas_for
from matrix_distributor.state import OriginState
from matrix_emitters.artifacts import Artifact

LINES = st.lists(
    st.sampled_from([b"a\n", b"}\n", b"b" * 40 + b"\n", b"c" * 30 + b"d\n", b"\r", b"\0" * 25]), max_size=20
)
PROSE = {f"/etc/dsas.d/f{n}": b"".join(b"line %d of file %d\n" % (line, n) for line in range(400)) for n in range(3)}


WRITTEN_THROUGH = b"file 0644 1 install.sh\ndata 1\nx"
"""Of a file that has been said to be the same, and so is one with that of the generation before."""


def patched(old: dict[str, bytes], stream: bytes) -> dict[str, bytes]:
    """The files that a stream describes, by the definition in delta.py."""
    made = {}
    head, _, rest = stream.partition(b"\n")
    assert head.startswith(b"delta ")
    while True:
        line, _, rest = rest.partition(b"\n")
        if line == b"end":
            assert rest == b""
            return made
        kind, _, pieces, path = line.decode().split(" ", 3)
        before = old.get(path, b"")
        made[path] = before if kind == "same" else b""
        for _ in range(int(pieces)):
            line, _, rest = rest.partition(b"\n")
            words = line.split()
            if words[0] == b"copy":
                assert int(words[1]) + int(words[2]) <= len(before)
                made[path] += before[int(words[1]) :][: int(words[2])]
            else:
                made[path] += rest[: int(words[1])]
                rest = rest[int(words[1]) :]


def files_below(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def files_of(generation) -> dict[str, bytes]:
    return {file.path: file.content for file in generation.members()}


def edited(generation, number: int, parent=None, *, spelled: int | None = None):
    """PROSE with a line that is of this generation, or of the one that is `spelled`."""
    wanted = b"line 7, %d, " % (spelled or number)
    return generation(number, parent, extra={path: text.replace(b"line 7 ", wanted) for path, text in PROSE.items()})


@given(LINES, LINES)
def test_any_file_comes_out_of_any_other(generation, old, new):
    before = generation(1, extra={"/etc/x": b"".join(old)})
    after = generation(2, before, extra={"/etc/x": b"".join(new)})
    assert patched(files_of(before), delta(after, before).stream) == files_of(after)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_bytes_that_are_no_lines_come_out_as_well(generation, old, new):
    before, after = generation(1, extra={"/etc/x": old}), generation(2, extra={"/etc/y": new, "/etc/x": new})
    assert patched(files_of(before), delta(after, before).stream) == files_of(after)


def test_an_edit_of_a_line_costs_little_more_than_that_line(generation):
    first = edited(generation, 1)
    second = edited(generation, 2, first)
    assert len(delta(second, first).stream) - len(second.manifest.to_json()) < 2000
    assert set(deltas_to(second, [first, second])) == {first.digest}


def test_the_end_of_a_long_line_is_not_sent_again_for_a_word_in_its_midst(generation):
    words = b" ".join(b"w%d" % n for n in range(5000))
    first = generation(1, extra={"/etc/x": words})
    second = generation(2, first, extra={"/etc/x": words.replace(b" w2500 ", b" ")})
    assert b"w2499" not in delta(second, first).stream
    assert b"w2600" not in delta(second, first).stream


def test_hosts_that_leave_long_lists_cost_little_more_than_their_names(generation):
    def lists(*gone: int) -> dict[str, bytes]:
        names = [b"w%d" % n for n in range(3000) if n not in gone]
        return {"/etc/x": b"".join(b"LIST%d='%s'\n" % (n, b" ".join(names)) for n in range(5))}

    first = generation(1, extra=lists(100))
    second = generation(2, first, extra=lists(100, 1500, 2900))
    made = delta(second, first)
    assert patched(files_of(first), made.stream) == files_of(second)
    assert len(made.stream) - len(second.manifest.to_json()) < 2000


def test_where_little_is_left_as_it_was_the_whole_is_sent(generation):
    first = generation(1, extra={"/etc/x": bytes(range(256)) * 8})
    assert deltas_to(generation(2, first, extra={"/etc/x": bytes(reversed(range(256))) * 8}), [first]) == {}


def test_only_generations_that_are_remembered_whole_are_started_from(generation, tmp_path):
    first = edited(generation, 1)
    second = edited(generation, 2, first)
    with OriginState(tmp_path) as state:
        state.add(first)
        assert set(deltas_for(second, state, [(1, first.digest)])) == {first.digest}
        assert deltas_for(second, state, [(1, second.digest), (7, "0" * 64), (2, second.digest)]) == {}


@pytest.mark.parametrize("host", ["perl", "kept", "within"], indirect=True)
def test_a_host_makes_the_generation_out_of_what_changes(host, generation, in_place):
    first = edited(generation, 1)
    host.install(first)
    for number in range(2, 9):
        second = edited(generation, number, first)
        state = read_state(host.run(change_command(second, delta(second, first), "w1")))
        assert (state.condition, state.before) == ("installed", number - 1)
        assert host.files() == in_place(second)
        assert host.state().condition == "whole"
        assert host.leftovers() == []
        kept = host.root / "var/lib/dsas/generations" / second.manifest.directory
        held = {str(path.relative_to(kept)): path.read_bytes() for path in kept.rglob("*") if path.is_file()}
        assert held == files_of(second)
        assert all((host.root / path[1:]).stat().st_mtime == second.time for path in in_place(second))
        first = second
    (host.root / "etc/dsas.conf").write_text("by hand")
    assert host.script("repair").returncode == 0
    assert host.files() == in_place(second)


@pytest.mark.parametrize("host", ["perl", "kept", "within"], indirect=True)
@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda good, host: dataclasses.replace(good, base="3-000000000000"), 66),
        (lambda good, host: dataclasses.replace(good, base="../../../etc"), 66),
        (lambda good, host: dataclasses.replace(good, stream=good.stream[:-40]), 63),
        (lambda good, host: dataclasses.replace(good, stream=b"x" * 100), 63),
        (lambda good, host: dataclasses.replace(good, stream=b""), 63),
        (lambda good, host: dataclasses.replace(good, stream=good.stream.replace(b"copy 0 ", b"copy 9 ")), 63),
        (lambda good, host: dataclasses.replace(good, stream=good.stream.replace(b"root/etc", b"../../etc")), 63),
        (lambda good, host: dataclasses.replace(good, stream=good.stream.replace(b"end\n", WRITTEN_THROUGH)), 63),
        (lambda good, host: (host.root / "var/lib/dsas/generations" / good.base / "root/etc/dsas.d/f1").unlink(), 63),
        (lambda good, host: (host.root / "var/lib/dsas/generations" / good.base / "install.sh").write_bytes(b""), 63),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_and_nothing_is_changed(host, generation, in_place, spoil, status):
    first = edited(generation, 1)
    second = edited(generation, 2, first)
    host.install(first)
    spoiled = spoil(delta(second, first), host)
    kept = files_below(host.root / "var/lib/dsas/generations")
    reply = host.run(change_command(second, spoiled if isinstance(spoiled, Delta) else delta(second, first), "w1"))
    assert reply.status == status
    assert isinstance(read_state(reply), Trouble)
    assert host.files() == in_place(first)
    assert files_below(host.root / "var/lib/dsas/generations") == kept
    assert host.leftovers() == []


@pytest.mark.parametrize("host", ["perl", "kept"], indirect=True)
def test_an_ordinary_user_does_it_through_sudo(host, generation, in_place, tmp_path):
    first = edited(generation, 1)
    second = edited(generation, 2, first)
    host.install(first)
    (tmp_path / "sudo").mkdir()
    (tmp_path / "sudo/sudo").write_text('#!/bin/sh\n[ "$1 $2" = "-n sh" ] || exit 1\nshift\nexec "$@"\n')
    (tmp_path / "sudo/sudo").chmod(0o755)
    user = dataclasses.replace(host, path=f"{tmp_path}/sudo:{host.path}")
    state = read_state(user.run(change_command(second, delta(second, first), "w1", sudo=True)))
    assert state.condition == "installed"
    assert host.files() == in_place(second)


def changes(fleet):
    """How each command that was sent since began: by what changes, or by the whole."""
    kinds = [" change " in f" {command.resident.head} " for command in fleet.sent if command.resident]
    fleet.sent.clear()
    return kinds


def test_a_push_sends_what_changes_to_whoever_holds_what_it_starts_from(fleet, generation, in_place):
    two, first = fleet("w1", "w2"), edited(generation, 1)
    second = edited(generation, 2, first)
    deltas = deltas_to(second, [first])
    two.push(first)
    changes(two)
    outcomes = two.push(second, behind={"w1": first.digest, "w2": ""}, deltas=deltas)
    assert changes(two) == [True, False]
    assert all(outcome.result == "updated" and outcome.before == 1 for outcome in outcomes.values())
    assert all(host.files() == in_place(second) for host in two.hosts.values())


def test_a_host_that_is_asked_first_is_sent_what_changes_too(fleet, generation, in_place):
    one, first = fleet("w1"), edited(generation, 1)
    second = edited(generation, 2, first)
    one.push(first)
    one.sent.clear()
    assert one.push(second, deltas=deltas_to(second, [first]))["w1"].result == "updated"
    assert [command.resident.head.split()[0] for command in one.sent] == ["query", "change"]
    assert one.hosts["w1"].files() == in_place(second)


def test_a_host_that_lost_what_it_held_or_has_no_perl_is_sent_the_whole(
    fleet, generation, in_place, without_perl, tmp_path
):
    three, first = fleet("w1", "w2", "w3"), edited(generation, 1)
    second = edited(generation, 2, first)
    three.push(first)
    (three.hosts["w1"].root / "var/lib/dsas/generations" / first.manifest.directory / "index").unlink()
    three.hosts["w2"].path = str(without_perl)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/perl").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "broken/perl").chmod(0o755)
    three.hosts["w3"].path = f"{tmp_path}/broken:{three.hosts['w3'].path}"
    behind = dict.fromkeys(three.hosts, first.digest)
    outcomes = three.push(second, behind=behind, deltas=deltas_to(second, [first]))
    assert [outcome.result for outcome in outcomes.values()] == ["updated"] * 3
    assert all(host.files() == in_place(second) for host in three.hosts.values())


def test_a_refusal_is_final_by_either_way(fleet, generation):
    one, first = fleet("w1"), edited(generation, 1)
    other = edited(generation, 1, None)
    later = edited(generation, 3, edited(generation, 2, first))
    one.push(first)
    one.push(later)
    changes(one)
    second = edited(generation, 2, other)
    outcome = one.push(second, behind={"w1": later.digest}, deltas=deltas_to(second, [later]))["w1"]
    assert (outcome.result, outcome.stage) == ("refused", "install")
    assert changes(one) == [True]


@pytest.mark.parametrize("host", ["perl", "within"], indirect=True)
def test_what_stands_in_the_store_is_not_changed_when_a_file_is_shared(host, generation):
    """A file that stays the same is one file for two generations: by its content alone, whatever its time says."""
    first = edited(generation, 1)
    second = generation(
        2, first, extra={path: text.replace(b"line 7 ", b"line 7, 1, ") for path, text in PROSE.items()}
    )
    host.install(first)
    kept = host.root / "var/lib/dsas/generations" / first.manifest.directory / "root/etc/dsas.d/f1"
    before = (kept.read_bytes(), kept.stat().st_mtime, kept.stat().st_mode)
    assert host.run(change_command(second, delta(second, first), "w1")).status == 0
    (host.root / "etc/dsas.d/f1").write_text("by hand")
    assert (kept.read_bytes(), kept.stat().st_mtime, kept.stat().st_mode) == before


def test_an_artifact_that_only_gets_another_mode_is_no_shared_file(generation):
    first = edited(generation, 1)
    changed = tuple(Artifact(a.path, 0o755, a.content) if a.path.endswith("f1") else a for a in first.artifacts)
    second = dataclasses.replace(edited(generation, 2, first), artifacts=changed)
    assert b"file 0755 1 root/etc/dsas.d/f1\ncopy 0 " in delta(second, first).stream
