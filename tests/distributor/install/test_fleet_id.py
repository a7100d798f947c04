"""The id of a fleet: made once, by chance, and kept whatever becomes of the origin."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matrix_distributor import DistributorError
from matrix_distributor.generation.archive import unpack
from matrix_distributor.generation.generation import new_fleet_id
from matrix_distributor.origin import Origin, former, from_folder, restoration, restore
from matrix_distributor.state import OriginState
from matrix_distributor.state.store import KEPT_WHOLE
from matrix_emitters.artifacts import Manifest, ManifestError
from matrix_grammar.reading import read

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path):
    """Makes an origin in a folder of that name; the text is the same in each."""

    def make(name):
        (tmp_path / name).mkdir()
        matrix = tmp_path / name / "MATRIX"
        matrix.write_text("@matrix 1\nw1 10.0.0.1 [ps]\n")
        return Origin(matrix, tmp_path / name / ".matrix", author="ann@adm1")

    return make


def edited(origin, reason):
    """The generation after the reason of w1 has become another."""
    origin.matrix.write_text(f"@matrix 1\nw1 10.0.0.1 [ps] [WARN: {reason}]\n")
    with OriginState(origin.state) as state:
        return origin.take(read(origin.matrix), state).generation


def test_two_sites_have_two_ids_though_they_begin_with_the_same_text(site):
    one, two = edited(site("one"), "x"), edited(site("two"), "x")
    assert one.digest == two.digest
    assert one.manifest.fleet != two.manifest.fleet
    assert len({new_fleet_id() for _ in range(100)}) == 100


def test_every_generation_of_an_origin_has_the_same_id(site, tmp_path):
    one = site("one")
    made = [edited(one, str(step)) for step in range(3)]
    with OriginState(one.state) as state:
        restore(restoration(one, former(state, 1), (), current=state.current()), one.state, NOW)
        made.append(one.take(read(one.matrix), state).generation)
    assert [generation.number for generation in made] == [1, 2, 3, 4]
    assert len({generation.manifest.fleet for generation in made}) == 1


def test_who_takes_over_goes_on_with_the_id(site, fleet):
    one, hosts = site("one"), fleet("w1")
    first = edited(one, "x")
    hosts.push(first)
    two = site("two")
    with OriginState(two.state) as state:
        state.add(from_folder(hosts.hosts["w1"].root))
    second = edited(two, "y")
    assert (second.manifest.fleet, second.ancestors) == (first.manifest.fleet, ((1, first.digest),))
    assert hosts.push(second)["w1"].result == "updated"
    assert hosts.push(edited(one, "z"))["w1"].result == "refused", "the former origin has not heard of it"


def test_an_origin_that_lost_its_state_is_told_so_and_takes_over_from_a_host(site, fleet):
    one, hosts = site("one"), fleet("w1")
    hosts.push(edited(one, "x"))
    (one.state / "state.db").unlink()
    lost = hosts.push(edited(one, "y"))["w1"]
    assert (lost.result, "another fleet" in lost.cause) == ("refused", True)
    assert "matrix adopt" in lost.cure
    (one.state / "state.db").unlink()
    with OriginState(one.state) as state:
        state.add(from_folder(hosts.hosts["w1"].root))
    assert hosts.push(edited(one, "y"))["w1"].result == "updated"


def test_an_origin_of_the_release_before_gets_an_id_with_its_next_generation(site, fleet, without_fleet):
    one, hosts = site("one"), fleet("w1", "w2")
    old = without_fleet(edited(site("old"), "x"))
    with OriginState(one.state) as state:
        state.add(old)
    hosts.push(old)
    with OriginState(one.state) as state:
        one.matrix.write_bytes(old.texts["MATRIX"])
        assert one.take(read(one.matrix), state).generation == old, "what is in force stays as it is"
    second = edited(one, "y")
    assert second.manifest.fleet
    assert {outcome.result for outcome in hosts.push(second).values()} == {"updated"}


def test_two_origins_that_got_an_id_apart_from_each_other_are_told_apart(site, fleet, without_fleet):
    old, hosts = without_fleet(edited(site("old"), "x")), fleet("w1")
    hosts.push(old)
    origins = site("one"), site("two")
    for origin in origins:
        with OriginState(origin.state) as state:
            state.add(old)
    made = [edited(origin, "y") for origin in origins]
    assert made[0].digest == made[1].digest
    assert hosts.push(made[0])["w1"].result == "updated"
    assert "another fleet" in hosts.push(edited(origins[1], "z"))["w1"].cause
    with OriginState(origins[1].state) as state:
        assert state.fleet_id() == made[1].manifest.fleet


def test_an_older_program_in_between_changes_no_id(site, generation, without_fleet):
    """As a daemon of the release before that goes on below a new program."""
    one = site("one")
    first = edited(one, "x")
    with OriginState(one.state) as state:
        state.add(without_fleet(generation(2, first)))
        assert state.fleet_id() == first.manifest.fleet
    assert edited(one, "z").manifest.fleet == first.manifest.fleet


def test_what_an_older_program_made_in_between_is_made_anew_for_hosts_that_refuse_it(site, fleet, without_fleet):
    one, two, hosts = site("one"), site("two"), fleet("w1")
    hosts.push(first := edited(one, "x"))
    with OriginState(two.state) as state:
        state.add(first)
    second = without_fleet(edited(two, "y"))
    with OriginState(one.state) as state:
        state.add(second)
    assert hosts.push(second)["w1"].result == "refused"
    third = edited(one, "y")
    assert (third.number, third.manifest.fleet) == (3, first.manifest.fleet)
    assert hosts.push(third)["w1"].result == "updated"
    assert edited(one, "y") == third


def test_the_state_keeps_the_lineage_of_what_it_may_send_alone(tmp_path, generation, later):
    with OriginState(tmp_path) as state:
        made = later(generation(1), 3000)
        state.add(made)
        assert state.current() == made
        for number in range(3001, 3002 + KEPT_WHOLE):
            state.add(made := generation(number, made))
            assert state.current() == made
        assert state.generation(3001).ancestors == ()
        assert len(state.generation(3002).ancestors) == 3001
    assert (tmp_path / "state.db").stat().st_size < 1_500_000


def test_a_copy_with_another_lineage_is_not_taken_over(generation):
    third = generation(3, generation(2, generation(1)))
    for lineage in ((), third.ancestors[:1], ((2, "0" * 64), *third.ancestors[1:])):
        with pytest.raises(DistributorError, match="lineage is not what the manifest says"):
            unpack(replace(third, ancestors=lineage).archive)


def test_a_manifest_of_the_release_before_stays_as_it_was_signed(generation, without_fleet):
    text = without_fleet(generation(1)).manifest.to_json()
    assert b"fleet" not in text
    assert b"lineage" not in text
    assert Manifest.from_json(text).to_json() == text
    with pytest.raises(ManifestError, match="no id of a fleet"):
        Manifest.from_json(generation(1).manifest.to_json().replace(b'"fleet": "f', b'"fleet": "\\u001b'))
