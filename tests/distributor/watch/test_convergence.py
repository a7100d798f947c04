"""When which host is worked on: decided without a clock."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_common.trouble import Trouble
from matrix_distributor.hosts import Outcome
from matrix_distributor.watch import Convergence, Pace

PACE = Pace(retry=4.0, retry_max=60.0, verify=300.0)


def courses(goal, hosts, now=0.0):
    made = Convergence(PACE, random.Random(1))
    made.aim(goal, hosts, now)
    return made


def well(host, goal):
    return Outcome(host, "updated", goal.number, goal.digest)


def down(host):
    return Outcome(host, "unreachable", trouble=Trouble("connect"))


def test_all_hosts_are_due_when_there_is_a_goal(generation):
    assert courses(generation(1), ["a", "b"]).begin(0.0) == ("a", "b")


def test_a_host_is_worked_on_once_at_a_time(generation):
    made = courses(generation(1), ["a", "b"])
    made.begin(0.0)
    assert made.begin(1000.0) == ()
    assert made.next_due() is None


def test_a_host_that_is_well_is_asked_again_on_a_timer(generation):
    goal = generation(1)
    made = courses(goal, ["a"])
    made.begin(0.0)
    made.end(well("a", goal), goal, 1.0)
    assert 241.0 <= made.next_due() <= 361.0
    assert made.begin(200.0) == ()
    assert made.begin(361.0) == ("a",)


def test_a_host_that_fails_waits_longer_each_time_but_not_for_ever(generation):
    goal = generation(1)
    made = courses(goal, ["a"])
    now, waits = 0.0, []
    for _ in range(12):
        assert made.begin(now) == ("a",)
        made.end(down("a"), goal, now)
        waits.append(made.next_due() - now)
        now = made.next_due()
    assert 2.0 <= waits[0] <= 4.0
    assert all(30.0 <= wait <= 60.0 for wait in waits[6:])


def test_waits_differ_so_that_hosts_do_not_return_all_at_once(generation):
    goal = generation(1)
    hosts = [f"h{n}" for n in range(20)]
    made = courses(goal, hosts)
    made.begin(0.0)
    for host in hosts:
        made.end(down(host), goal, 0.0)
    due = []
    while made.next_due() is not None:
        due.append(made.next_due())
        made.begin(made.next_due())
    assert len(set(due)) > 15


def test_a_new_goal_makes_all_due_also_those_that_wait(generation):
    first = generation(1)
    made = courses(first, ["a", "b"])
    made.begin(0.0)
    made.end(down("a"), first, 0.0)
    made.end(well("b", first), first, 0.0)
    second = generation(2, first)
    made.aim(second, ["a", "b"], 0.5)
    assert made.begin(0.5) == ("a", "b")
    assert made.behind(["a", "b"]) == {"b": first.digest}, "what a holds is not known"


def test_a_host_that_is_busy_with_the_old_goal_comes_to_the_new_one_right_after(generation):
    first = generation(1)
    made = courses(first, ["a"])
    made.begin(0.0)
    second = generation(2, first)
    made.aim(second, ["a"], 1.0)
    assert made.begin(1.0) == ()
    made.end(well("a", first), first, 2.0)
    assert made.begin(2.0) == ("a",)


def test_a_host_that_left_the_matrix_is_forgotten(generation):
    first = generation(1)
    made = courses(first, ["a", "b"])
    made.begin(0.0)
    made.aim(generation(2, first), ["b"], 1.0)
    made.end(well("a", first), first, 2.0)
    made.end(well("b", first), first, 2.0)
    assert made.begin(2.0) == ("b",)


def test_a_host_that_refuses_is_not_pressed(generation):
    goal = generation(1)
    made = courses(goal, ["a"])
    made.begin(0.0)
    made.end(Outcome("a", "refused", trouble=Trouble("install")), goal, 0.0)
    assert made.next_due() >= 240.0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_happens_every_host_comes_to_the_last_goal(generation, data):
    """Edits and failures in any order; once failures end, all hosts hold the last goal and none is busy."""
    hosts = ["a", "b", "c"]
    line = [generation(1)]
    made = courses(line[0], hosts)
    now, holds, begun = 0.0, dict.fromkeys(hosts, ""), {}
    for _ in range(data.draw(st.integers(0, 25))):
        now += 0.1
        match data.draw(st.sampled_from(["edit", "begin", "end"])):
            case "edit":
                line.append(generation(line[-1].number + 1, line[-1]))
                made.aim(line[-1], hosts, now)
            case "begin":
                begun |= dict.fromkeys(made.begin(now), line[-1])
            case "end" if begun:
                host, goal = begun.popitem()
                ok = data.draw(st.booleans())
                holds[host] = goal.digest if ok else holds[host]
                made.end(well(host, goal) if ok else down(host), goal, now)
    for _ in range(10):
        for host, goal in begun.items():
            holds[host] = goal.digest
            made.end(well(host, goal), goal, now)
        now += 61.0
        begun = dict.fromkeys(made.begin(now), line[-1])
    assert set(holds.values()) == {line[-1].digest}
