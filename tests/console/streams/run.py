"""Every case of every verb in every situation, and Ctrl-C at ten moments of each in a process of its own (minutes).

`make test` takes a part of it: tests/console/streams/test_*.py. Ends with 1 when something does not hold.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[3]
sys.path[:0] = [
    str(HOUSE / package) for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
]
sys.path[:0] = [str(HOUSE / "tests" / folder) for folder in ("console", "plugins", "fleet")]

from matrix_distributor.embedded.server import EmbeddedFleet  # noqa: E402 - the path is made above

streams = importlib.import_module("streams.conftest")
situations = importlib.import_module("streams.situations")
interrupts = importlib.import_module("streams.test_interrupts")
verbs = importlib.import_module("streams.verbs")


def works() -> Iterator[tuple[str, Callable[..., None]]]:
    """Everything that is tried: a name, and what does it on a fresh site."""
    for case in (case for cases in verbs.CASES.values() for case in cases):
        for name, (way, judge) in situations.STREAMS.items():
            yield f"{case}: {name}", lambda site, case=case, way=way, judge=judge: in_situation(site, case, way, judge)
        for place in situations.PLACES:
            for kind in situations.DISKS:
                disk = ((kind, place),)
                yield f"{case}: {kind} below {place}", lambda site, case=case, disk=disk: on_disk(site, case, disk)
        for moment in interrupts.MOMENTS:
            yield (
                f"{case}: Ctrl-C after {moment:.0%}",
                lambda site, case=case, moment=moment: interrupts.interrupt(case, moment, site, fresh=True),
            )


def in_situation(site, case, way, judge) -> None:  # type: ignore[no-untyped-def]
    well = site.run(case.words, site.given(case), serves=case.serves)
    assert well.status == case.status, well
    site.again()
    told = site.run(case.words, site.given(case, way), serves=case.serves)
    situations.well_said(told)
    judge(case, well, told)


def on_disk(site, case, disks) -> None:  # type: ignore[no-untyped-def]
    before = site.files()
    told = site.run(case.words, site.given(case, site.way(disks=disks)), serves=case.serves)
    situations.well_said(told)
    if disks[0][1] in case.writes:
        situations.refused(case, told, disks[0][0])
        assert site.files() == before


def main() -> int:
    """Try all, or what has the words of the command line in its name; say what does not hold."""
    wanted, tried, wrong = " ".join(sys.argv[1:]), 0, 0
    driver = streams.Driver()
    with tempfile.TemporaryDirectory() as folder, EmbeddedFleet(["w1", "w2"], Path(folder, "fleet")) as fleet:
        model = Path(folder, "model")
        streams.make_model(model, fleet, driver)
        for name, work in works():
            if wanted not in name:
                continue
            tried += 1
            site = streams.Site(streams.fresh(model, fleet, Path(folder, "site")), fleet, driver, model)
            try:
                work(site)
            except AssertionError:
                wrong += 1
                print(f"{name}\n{traceback.format_exc(limit=-2)}", flush=True)
    driver.close()
    print(f"{tried} runs of {sum(map(len, verbs.CASES.values()))} command lines, {wrong} not as they should be")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
