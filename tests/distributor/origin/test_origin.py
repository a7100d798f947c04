"""From the text to a generation in the state: what is taken, what waits for a person, what is refused."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor import DistributorError
from matrix_distributor.hosts import Outcome
from matrix_distributor.origin import Origin, RemovalsNeedConsent, stored_fleet
from matrix_distributor.origin.removals import removals
from matrix_distributor.state import OriginState
from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.reading import loads, read

TEN = "@matrix 1\n[ps]\n    w[1-8]  10.0.0.[1-8]\n[db]\n    db[1-2]  10.0.1.[1-2]\n"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "MATRIX").write_text(TEN)
    return Origin(tmp_path / "MATRIX", tmp_path / ".matrix", author="ann@adm1")


def edit(site, old, new):
    text = site.matrix.read_text()
    assert old in text
    site.matrix.write_text(text.replace(old, new))


def take(site, state, **options):
    return site.take(read(site.matrix), state, **options)


def test_a_new_text_is_a_new_generation_and_the_same_text_is_not(site):
    with OriginState(site.state) as state:
        assert take(site, state).generation.number == 1
        again = take(site, state)
        assert (again.generation.number, again.new) == (1, False)
        edit(site, "w[1-8]  10.0.0.[1-8]", "w[1-8]  10.0.0.[1-8]  [WARN]")
        assert take(site, state).generation.number == 2


def test_looking_at_a_candidate_remembers_nothing(site):
    with OriginState(site.state) as state:
        assert site.candidate(read(site.matrix), state).new
        assert state.current() is None


def test_a_text_with_errors_is_never_taken(site):
    with OriginState(site.state) as state:
        edit(site, "[db]", "[db] [ [")
        with pytest.raises(MatrixError):
            take(site, state)
        assert state.current() is None


def test_what_no_host_ever_came_to_hold_may_go_without_asking(site):
    """As the sample of `matrix init`, pushed by mistake; a state of which nothing is known was adopted."""
    with OriginState(site.state) as state:
        first = take(site, state).generation
        away = Outcome("w1", "unreachable", trouble=Trouble("connect", "no route"))
        state.note([away], first.number, datetime.now(UTC))
        edit(site, "w[1-8]  10.0.0.[1-8]", "x[1-8]  10.0.0.[1-8]")
        assert take(site, state).lost.hosts == ()
        held = Outcome("x1", "updated", 2, state.current().digest)
        state.note([held], 2, datetime.now(UTC))
        state.note([Outcome("x1", "failed", trouble=Trouble("install", "no room"))], 2, datetime.now(UTC))
        edit(site, "x[1-8]  10.0.0.[1-8]", "y[1-8]  10.0.0.[1-8]")
        with pytest.raises(RemovalsNeedConsent):
            take(site, state)


def test_an_edit_that_removes_more_than_a_fifth_waits_for_a_person(site):
    with OriginState(site.state) as state:
        take(site, state)
        edit(site, "w[1-8]  10.0.0.[1-8]", "w[1-5]  10.0.0.[1-5]")
        with pytest.raises(RemovalsNeedConsent, match=r"3 of 10 hosts \(w\[6-8\]\).*--accept-removals"):
            take(site, state)
        assert state.current_number() == 1
        assert take(site, state, accept_removals=True).generation.number == 2
        assert take(site, state).generation.number == 2, "once accepted it is asked no more"


def test_a_fifth_goes_without_asking(site):
    with OriginState(site.state) as state:
        take(site, state)
        edit(site, "w[1-8]  10.0.0.[1-8]", "w[1-6]  10.0.0.[1-6]")
        assert take(site, state).generation.number == 2


def test_an_edit_that_leaves_a_role_without_hosts_waits_for_a_person(site):
    with OriginState(site.state) as state:
        edit(site, "w[1-8]  10.0.0.[1-8]", "w[1-8]  10.0.0.[1-8]\n    w9 10.0.0.9 [mx]")
        take(site, state)
        edit(site, "w9 10.0.0.9 [mx]", "w9 10.0.0.9")
        with pytest.raises(RemovalsNeedConsent, match="all hosts of mx"):
            take(site, state)


def test_moving_a_host_to_another_name_counts_as_a_removal():
    lost = removals(loads(TEN), loads(TEN.replace("db[1-2]", "dx[1-2]")))
    assert (lost.hosts, lost.roles, lost.need_consent) == (("db1", "db2"), (), False)


def test_settings_and_includes_travel_with_it(site):
    (site.matrix.parent / "matrix.toml").write_text("# settings\n")
    (site.matrix.parent / "more.matrix").write_text("x1 10.0.2.1 [ps]\n")
    edit(site, "@matrix 1\n", "@matrix 1\n@include more.matrix\n")
    with OriginState(site.state) as state:
        generation = take(site, state).generation
    assert set(generation.texts) == {"MATRIX", "more.matrix", "matrix.toml"}
    assert len(stored_fleet(generation)) == 11


@pytest.mark.parametrize("deep", [False, True])
def test_texts_that_are_included_by_an_absolute_path_are_read_again_from_a_generation(tmp_path, deep):
    home, other = tmp_path / ("a/b/site" if deep else "site"), tmp_path / "other"
    home.mkdir(parents=True)
    other.mkdir()
    (other / "x.matrix").write_text("[db]\n    db1  10.0.1.1\n")
    (home / "MATRIX").write_text(f"{TEN.partition('[db]')[0]}@include {other}/*.matrix\n")
    origin = Origin(home / "MATRIX", home / ".matrix", author="ann@adm1")
    with OriginState(origin.state) as state:
        first = origin.take(read(origin.matrix, [other]), state).generation
        assert len(stored_fleet(first)) == 9
        edit(origin, "w[1-8]  10.0.0.[1-8]", "w[1-8]  10.0.0.[1-8]  [WARN]")
        assert not origin.take(read(origin.matrix, [other]), state).lost.need_consent


def test_a_generation_comes_back_from_the_state_as_it_was(site):
    with OriginState(site.state) as state:
        made = take(site, state).generation
    with OriginState(site.state) as state:
        assert state.current() == made
        assert state.current().archive == made.archive


def test_bindings_that_cannot_be_made_are_an_error_of_the_edit(site, monkeypatch):
    import matrix_distributor.origin.origin as module
    from matrix_emitters import EmitterError

    def fail(*_arguments, **_options):
        raise EmitterError("two emitters make one file")

    monkeypatch.setattr(module, "next_generation", fail)
    with OriginState(site.state) as state, pytest.raises(DistributorError, match="two emitters"):
        take(site, state)


def test_two_processes_never_make_two_generations_of_one_number(site):
    with OriginState(site.state) as one, OriginState(site.state) as two:
        take(site, one)
        edit(site, "w[1-8]", "v[1-8]")
        accepted = take(site, two, accept_removals=True).generation
        assert take(site, one).generation == accepted


def test_the_state_ignores_itself_in_git(site):
    OriginState(site.state).close()
    assert Path(site.state, ".gitignore").read_text() == "*\n"


@pytest.mark.needs("root")
def test_own_templates_of_somebody_else_are_not_taken_at_any_time(site):
    folder = site.matrix.parent / "templates"
    with OriginState(site.state) as state:
        take(site, state)
        folder.mkdir()
        (folder / "motd.j2").write_text("x")
        os.chown(folder / "motd.j2", 2003, 2003)
        with pytest.raises(DistributorError, match=r"motd\.j2: it belongs to uid 2003"):
            take(site, state)
