"""When the text is looked at, without a clock."""

from matrix_distributor.watch import Rests
from matrix_distributor.watch.looks import Looks


def looks() -> Looks:
    made = Looks(Rests(quiet=0.3, patience=1.0))
    made.poll_at(100.0)
    return made


def test_a_burst_is_one_look_once_it_rests_and_tells_when_it_began() -> None:
    made = looks()
    for now in (1.0, 1.1, 1.2):
        made.hint(now)
    assert made.next_due() == 1.5
    assert made.take(1.4) is None
    assert made.take(1.5) == (1.0, True)
    assert made.take(1.6) is None
    assert made.next_due() == 100.0


def test_what_never_rests_is_looked_at_all_the_same() -> None:
    made = looks()
    for step in range(10):
        made.hint(1.0 + step / 10)
    assert made.take(1.95) is None
    made.hint(2.0)
    assert made.take(2.0) == (1.0, False)
    assert made.take(2.1) is None, "once in a while, and not at every hint"
    made.hint(2.2)
    assert made.take(2.5) == (2.0, True)


def test_a_poll_looks_whatever_hints_say() -> None:
    made = looks()
    assert made.take(99.0) is None
    assert made.take(100.0) == (100.0, False)


def test_it_can_be_told_to_look_once_more() -> None:
    made = looks()
    made.hint(1.0)
    made.once_more(5.0)
    assert made.take(5.2) is None
    assert made.take(5.3) == (5.0, True)
