"""When the daemon reflects what: decided without a clock."""

import random

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.hosts import Outcome
from matrix_distributor.reflect import Made, ReflectOutcome
from matrix_distributor.watch import Pace
from matrix_distributor.watch.reflect_schedule import ReflectSchedule
from matrix_emitters.reflection.model import Configuration
from matrix_grammar.reading import loads

FLEET = loads("@matrix 1\n[lv]\n    lv1 10.0.0.1\n    lv2 10.0.0.2\n[ps]\n    w1 10.0.1.1\n")
LB = Configuration("lb", "lb.j2", hosts="lv", path="/etc/lb.conf")
MOTD = Configuration("motd", "motd.j2", path="/etc/motd")
PACE = Pace(retry=4.0, retry_max=60.0, verify=300.0)


def well(host):
    return Outcome(host, "updated", 1, "d" * 64)


def down(host):
    return Outcome(host, "unreachable", trouble=Trouble("connect"))


def became(host, result, stage="", entry="lb"):
    return ReflectOutcome(host=host, result=result, trouble=Trouble(stage), entry=entry, path="/etc/lb.conf")


@pytest.fixture
def made():
    reflections = ReflectSchedule(PACE, random.Random(1))
    reflections.aim(FLEET, (LB,), 0.0)
    return reflections


def test_an_entry_begins_when_all_its_hosts_have_been_heard_of_and_for_those_that_hold_the_generation(made):
    made.took(well("w1"), 1.0)
    made.took(well("lv1"), 1.0)
    assert made.begin(1.0) is None
    made.took(down("lv2"), 2.0)
    course = made.begin(2.0)
    assert (course.entry, course.todo) == (LB, {"lv1"})
    assert made.begin(2.0) is None


def test_a_host_that_is_known_to_be_away_is_not_waited_for_and_follows_when_it_returns(made):
    made.took(down("lv2"), 1.0)
    made.took(well("lv1"), 1.0)
    made.aim(FLEET, (LB,), 5.0)
    made.took(well("lv1"), 6.0)
    assert made.begin(6.0).todo == {"lv1"}
    made.carried(became("lv1", "ok"))
    made.end("lb", 7.0)
    assert made.next_due() is None
    made.took(well("lv2"), 100.0)
    assert made.begin(100.0).todo == {"lv2"}


def test_a_host_that_is_only_asked_again_is_not_reflected_again(made):
    for host in ("lv1", "lv2"):
        made.took(well(host), 1.0)
    made.begin(1.0)
    for host in ("lv1", "lv2"):
        made.carried(became(host, "ok"))
    made.end("lb", 2.0)
    made.took(well("lv1"), 300.0)
    assert made.next_due() is None


def test_a_host_whose_files_were_changed_by_hand_holds_the_generation(made):
    made.took(Outcome("lv1", "drifted", 1, "d" * 64), 1.0)
    made.took(well("lv2"), 1.0)
    assert made.begin(1.0).todo == {"lv1", "lv2"}


def test_what_failed_before_anything_was_changed_is_tried_again_ever_later(made):
    for host in ("lv1", "lv2"):
        made.took(well(host), 0.0)
    now, waits = 0.0, []
    for _ in range(8):
        assert made.begin(now).todo == {"lv1", "lv2"}
        made.carried(became("lv2", "failed", "check"))
        made.carried(became("lv1", "not begun", "stop"))
        made.end("lb", now)
        waits.append(made.next_due() - now)
        now = made.next_due()
    assert all(2.0 <= wait <= 60.0 for wait in waits)
    assert waits[0] <= 4.0
    assert waits[-1] >= 30.0


@pytest.mark.parametrize("stage", ["apply", "undo", "probe"])
def test_what_could_not_be_applied_rests_until_there_is_another_text(made, stage):
    """The others too: a file that the backup could not take is no file for the master."""
    for host in ("lv1", "lv2"):
        made.took(well(host), 0.0)
    made.begin(0.0)
    made.carried(became("lv2", "failed", stage))
    made.carried(became("lv1", "not begun", "stop"))
    made.end("lb", 1.0)
    made.took(down("lv1"), 2.0)
    made.took(well("lv1"), 3.0)
    assert made.next_due() is None
    made.aim(FLEET, (LB,), 4.0)
    for host in ("lv1", "lv2"):
        made.took(well(host), 5.0)
    assert made.begin(5.0).todo == {"lv1", "lv2"}


def test_entries_go_one_after_another_by_their_order_and_hold_up_no_other(made):
    made.aim(FLEET, (LB, MOTD), 0.0)
    for host in ("lv1", "lv2", "w1"):
        made.took(well(host), 1.0)
    assert made.begin(1.0).entry == LB
    made.carried(became("lv2", "failed", "apply"))
    made.end("lb", 2.0)
    assert made.begin(2.0).entry == MOTD
    made.carried(Made(MOTD, cause="motd.j2:2: no colour"))
    made.end("motd", 3.0)
    assert made.next_due() is None


def test_an_entry_for_nobody_is_made_so_that_its_mistake_is_told(made):
    made.aim(FLEET, (Configuration("lb", "lb.j2", hosts="no-such-role", path="/etc/lb.conf"),), 0.0)
    assert made.begin(0.0).hosts == frozenset()


def test_what_was_begun_before_the_settings_were_read_anew_does_no_harm(made):
    made.aim(FLEET, (), 0.0)
    made.carried(became("lv1", "ok"))
    made.end("lb", 1.0)
    assert made.next_due() is None
