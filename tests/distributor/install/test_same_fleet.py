"""Which generation a host lets follow the one that it has: of its own fleet, and a descendant of that one."""

import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.generation import Generation
from matrix_distributor.generation.lineage import IN_FULL, REACH, spell_lineage
from matrix_distributor.hostside.requests import HostState, install_command, read_state

OTHER = "07be2d" * 5 + "00"
RELEASE_BEFORE = Path(__file__).parents[2] / "live/release_before.tar.xz"


def with_ancestors(made, ancestors, number=None):
    """The generation as somebody could make it who has the signing key: whole in itself, with these ancestors."""
    import hashlib

    lineage = hashlib.sha256(spell_lineage(ancestors)).hexdigest()
    manifest = replace(made.manifest, lineage=lineage, generation=number or made.number)
    return replace(made, manifest=manifest, ancestors=ancestors)


def refused(host, made, words, status=61):
    before, current = host.files(), (host.root / "var/lib/dsas/current").read_bytes()
    reply = host.run(install_command(made, host.name))
    assert reply.status == status, reply
    answer = read_state(reply)
    assert isinstance(answer, Trouble)
    assert words in answer.cause
    assert (host.files(), (host.root / "var/lib/dsas/current").read_bytes()) == (before, current)
    assert host.leftovers() == []
    return answer


def taken(host, made, **options):
    answer = host.install(made, **options)
    assert isinstance(answer, HostState), answer
    assert answer.condition == "installed"


def test_a_generation_of_another_fleet_is_refused_whatever_it_names_as_ancestors(host, generation):
    mine = generation(1)
    taken(host, mine)
    theirs = generation(1, salt="theirs", fleet=OTHER)
    for number in range(2, 6):
        theirs = generation(number, theirs)
        for ancestors in ((), ((1, mine.digest),), theirs.ancestors):
            answer = refused(host, with_ancestors(theirs, ancestors), "another fleet: this host has generation 1 ")
            assert (mine.manifest.fleet[:12] in answer.cause, OTHER[:12] in answer.cause) == (True, True)
            assert "of another site" in answer.cure
    taken(host, generation(2, mine))
    taken(host, theirs, force=True)
    taken(host, generation(6, theirs))


def test_an_emptied_lineage_of_the_own_fleet_is_no_way_in(host, generation):
    first = generation(1)
    taken(host, first)
    other = generation(5, generation(4, salt="another line"))
    refused(host, replace(other, ancestors=()), "not the whole of generation 5", status=63)
    between = tuple((number, "0" * 64) for number in (4, 3, 2))
    short, none = ((*between, (1, digits)) for digits in (first.digest[:7], ""))
    for ancestors in ((), other.ancestors, between[:2], between, short, none, ((4, first.digest), *between[1:])):
        refused(host, with_ancestors(other, ancestors), "no ancestor of generation 5")


def test_numbers_cannot_be_burnt(host, generation):
    """A number that the ancestors do not lead up to, one by one, wants a person."""
    first = generation(1)
    taken(host, first)
    second = generation(2, first)
    for number in (3, 9, REACH + 1, 999_999_999):
        burnt = with_ancestors(second, second.ancestors, number)
        refused(host, burnt, f"no ancestor of generation {number}")
        skipped = ((number - 1, "0" * 64), *second.ancestors)
        if number > 3:
            refused(host, with_ancestors(second, skipped, number), f"no ancestor of generation {number}")
    taken(host, second)
    taken(host, burnt, force=True)


def test_a_host_that_was_away_for_5000_generations_needs_no_person(host, generation, later):
    taken(host, first := generation(1))
    answer = host.install(far := later(first, 5001))
    assert answer == HostState(5001, far.digest, "installed", before=1)
    assert host.state().condition == "whole"


def test_a_lineage_reaches_as_far_as_is_said_and_no_further(host, generation, later):
    taken(host, first := generation(1))
    far = later(first, REACH + 2)
    refused(host, far, "no ancestor")
    refused(host, with_ancestors(far, (*far.ancestors, (1, first.digest))), "no ancestor")
    taken(host, later(first, REACH + 1))


@pytest.mark.parametrize("number", [3, IN_FULL + 1, IN_FULL + 2, 900])
def test_another_line_shows_however_long_ago_it_parted(host, generation, later, number):
    taken(host, generation(1, salt="another"))
    refused(host, later(generation(1), number), "no ancestor")


def test_the_first_generation_with_a_fleet_follows_one_that_has_none(host, generation, without_fleet, later):
    """As before: the one in force is an ancestor, or older than all that are named."""
    old = without_fleet(generation(1))
    taken(host, old)
    taken(host, without_fleet(generation(2, old)))
    refused(host, generation(3, generation(2, old, salt="another")), "no ancestor")
    taken(host, generation(3, generation(2, old)))
    refused(
        host, without_fleet(generation(4, generation(3, generation(2, old)))), "no fleet: this host has generation 3 "
    )


def test_a_host_without_a_fleet_that_was_away_takes_the_first_with_one(host, generation, without_fleet, later):
    taken(host, without_fleet(generation(1)))
    newest = later(generation(700), 901)
    assert newest.ancestors[-1][0] == 700
    taken(host, newest)


def test_a_host_with_a_fleet_takes_one_without_by_force_alone(host, generation, without_fleet):
    first = generation(1)
    taken(host, first)
    second = without_fleet(generation(2, first))
    assert "up to date" in refused(host, second, "names none").cure
    taken(host, second, force=True)
    taken(host, generation(3, second))


def test_the_same_files_of_another_fleet_are_another_generation(host, generation):
    """As two origins make them that were brought to this release apart from each other."""
    mine, theirs = generation(1), generation(1, fleet=OTHER)
    assert mine.digest == theirs.digest
    taken(host, mine)
    assert host.install(mine).condition == "same"
    refused(host, theirs, "another fleet")
    taken(host, theirs, force=True)
    taken(host, generation(2, theirs))


def test_what_is_in_force_and_gets_a_fleet_is_put_in_place_with_it(host, generation, without_fleet):
    made = generation(1)
    taken(host, without_fleet(made))
    taken(host, made)
    assert host.install(made).condition == "same"
    refused(host, generation(2, generation(1, fleet=OTHER)), "another fleet")


@pytest.fixture(scope="session")
def script_before(tmp_path_factory):
    """The install.sh of the release before, as hosts have it that were enrolled by that."""
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(RELEASE_BEFORE) as archive:
        archive.extractall(folder, filter="data")
    packages = ":".join(
        str(folder / package) for package in ("common", "grammar", "sources", "emitters", "distributor")
    )
    program = (
        "import sys; from matrix_distributor.remote import install_script; sys.stdout.buffer.write(install_script())"
    )
    words = [sys.executable, "-c", program]
    text = subprocess.run(words, env={"PYTHONPATH": packages}, capture_output=True, check=True).stdout
    assert b"fleet" not in text
    (folder / "install.sh").write_bytes(text)
    return folder / "install.sh"


@pytest.mark.parametrize("host", ["dash", "busybox"], indirect=True)
def test_hosts_enrolled_by_the_release_before_go_on(host, generation, without_fleet, later, script_before, tmp_path):
    def install(made: Generation) -> int:
        staging = tmp_path / f"staging-{made.number}-{made.digest[:9]}"
        for file in made.members():
            (staging / file.path).parent.mkdir(parents=True, exist_ok=True)
            (staging / file.path).write_bytes(file.content)
            (staging / file.path).chmod(file.mode)
        home = host.root / "var/lib/dsas/generations"
        home.mkdir(parents=True, exist_ok=True)
        staging = staging.rename(home / ".tmp-1")
        words = [*host.shell, script_before, "install", staging, str(made.number), made.digest, "w1", "-"]
        environment = {"PATH": host.path, "DSAS_ROOT": str(host.root)}
        return subprocess.run(words, env=environment, check=False, timeout=60).returncode

    first = without_fleet(generation(1))
    second = generation(2, first)
    assert [install(made) for made in (first, second, generation(3, second))] == [0, 0, 0]
    assert install(generation(4, generation(3, second, salt="another"))) == 61
    assert install(later(generation(3, second), 900)) == 0
    assert host.state() == HostState(900, later(generation(3, second), 900).digest, "whole")
    taken(host, generation(901, later(generation(3, second), 900)))
