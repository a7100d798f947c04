"""The daemon over hosts of an embedded fleet: edits, mistakes, hosts that go and come, and files changed by hand."""

import io
import json
import os
import random
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from matrix_common.trouble import Notice
from matrix_distributor import DistributorError
from matrix_distributor.dialogue import Timeouts
from matrix_distributor.embedded.process import FleetProcess
from matrix_distributor.origin import Origin
from matrix_distributor.state import OriginState
from matrix_distributor.transport import Pool, SSHOptions
from matrix_distributor.watch import Daemon, Pace, WatchOptions
from matrix_distributor.watch.edits import Rests
from matrix_distributor.watch.edits.events import Events
from matrix_distributor.watch.reporting import Log
from matrix_emitters.reflection.model import entries
from matrix_grammar.reading import read

TEXT = (
    "@matrix 1\n@include matrix.d/*.matrix\n[ps]\n    w1  192.0.2.1\n    w2  192.0.2.2  # edited\n    w3  192.0.2.3\n"
)
PATIENCE = 20.0


class Site:
    """A MATRIX, its hosts, and the daemon in a thread."""

    def __init__(self, folder: Path, fleet: FleetProcess) -> None:
        self.fleet = fleet
        self.folder = folder / "site"
        (self.folder / "matrix.d").mkdir(parents=True)
        (self.folder / "matrix.d/one.matrix").write_text("# nothing yet\n")
        self.matrix = self.folder / "MATRIX"
        self.matrix.write_text(TEXT)
        self.stream = io.StringIO()
        self.options = WatchOptions(
            origin=Origin(self.matrix, self.folder / ".matrix", author="ann@adm1"),
            pool=self.pool, rests=Rests(0.05, 0.5), poll=60.0, pace=Pace(0.2, 0.5, 60.0), local=False,
        )  # fmt: skip
        self.daemon: Daemon | None = None
        self.trouble: list[BaseException] = []

    def pool(self) -> Pool:
        options = SSHOptions(config=self.fleet.ssh_config, agent=False)
        return Pool(options, timeouts=Timeouts(connect=5.0), keep=True)

    def start(self, **changes: object) -> None:
        self.options = replace(self.options, **changes)
        self.daemon = Daemon(self.options, Log("json", self.stream), lambda: self.options)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.daemon.run()
        except BaseException as error:
            self.trouble.append(error)
            raise

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.stop()
            self.thread.join(PATIENCE)
            assert not self.thread.is_alive()
            assert self.trouble == []
            self.daemon = None

    def edit(self, old: str, new: str) -> None:
        text = self.matrix.read_text()
        assert old in text
        self.matrix.write_text(text.replace(old, new))

    def events(self, name: str | None = None) -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in lines if name in (None, line["event"])]

    def await_event(self, name: str, count: int = 1, **fields: object) -> dict[str, object]:
        def found() -> list[dict[str, object]]:
            return [e for e in self.events(name) if all(e.get(key) == value for key, value in fields.items())]

        self.await_true(lambda: len(found()) >= count, f"{name} {fields}")
        return found()[count - 1]

    def await_true(self, condition: object, what: str = "") -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what} did not happen:\n{self.stream.getvalue()}"
            assert not self.trouble, self.trouble
            time.sleep(0.02)

    def conf(self, host: str) -> str:
        path = self.fleet.roots[host] / "etc/dsas.conf"
        return path.read_text() if path.exists() else ""

    def await_generation(self, number: int, *hosts: str) -> None:
        for host in hosts or ("w1", "w2", "w3"):
            self.await_true(lambda host=host: f"DSAS_GENERATION={number} " in self.conf(host), f"{number} on {host}")


@pytest.fixture
def site(tmp_path):
    with FleetProcess(["w1", "w2", "w3"], tmp_path / "fleet", remove=True) as fleet:
        made = Site(tmp_path, fleet)
        yield made
        made.stop()


def test_what_is_there_is_pushed_and_every_edit_after_it(site):
    site.start()
    first = site.await_event("pushed", generation=1)
    assert (first["hosts"], first["good"], first["updated"]) == (3, 3, 3)
    site.edit("# edited", "[STOP: disk]")
    second = site.await_event("pushed", generation=2)
    assert second["good"] == 3
    assert 0 < second["seconds"] < 10
    site.await_generation(2)
    with OriginState(site.options.origin.state) as state:
        assert {record.outcome.generation for record in state.hosts().values()} == {2}


def test_a_mistake_is_said_once_and_what_was_good_stays_until_it_is_mended(site):
    site.start()
    site.await_event("pushed", generation=1)
    site.edit("# edited", "[STOPP]")
    said = site.await_event("text-wrong")
    assert "M012" in said["message"]
    assert "MATRIX:5:" in said["message"]
    os.utime(site.matrix)
    site.edit("[STOPP]", "[STOP]")
    site.await_event("text-good")
    site.await_generation(2)
    assert len(site.events("text-wrong")) == 1


def test_a_host_that_was_away_is_brought_up_to_date_by_itself(site):
    site.start()
    site.await_event("pushed", generation=1)
    site.fleet.down("w2")
    site.edit("# edited", "[WARN]")
    pushed = site.await_event("pushed", generation=2)
    assert (pushed["good"], pushed["bad"]) == (2, ["w2"])
    assert site.await_event("host-unreachable")["host"] == "w2"
    site.edit("[WARN]", "[WARN: again]")
    site.await_event("pushed", generation=3)
    site.fleet.up("w2")
    assert site.await_event("host-well")["generation"] == 3
    site.await_generation(3)
    with OriginState(site.options.origin.state) as state:
        assert state.hosts()["w2"].outcome.good
    assert len(site.events("host-unreachable")) <= 2, "trouble is said once, not each time that it is tried"


def test_a_file_changed_by_hand_is_reported_and_left(site):
    site.start(pace=Pace(0.2, 0.5, 0.3))
    site.await_event("pushed", generation=1)
    path = site.fleet.roots["w3"] / "etc/dsas.conf"
    path.write_text("by hand\n")
    drifted = site.await_event("host-drifted")
    assert (drifted["host"], drifted["drift"]) == ("w3", ["/etc/dsas.conf"])
    time.sleep(1.0)
    assert path.read_text() == "by hand\n"
    assert len(site.events("host-drifted")) == 1


def test_and_put_right_where_that_is_set(site):
    site.start(pace=Pace(0.2, 0.5, 0.3), repair=True)
    site.await_event("pushed", generation=1)
    (site.fleet.roots["w3"] / "etc/dsas.conf").write_text("by hand\n")
    site.await_generation(1)


def test_an_edit_that_removes_much_waits_and_goes_on_when_a_person_accepts_it(site):
    site.start(poll=0.3)
    site.await_event("pushed", generation=1)
    site.edit("    w3  192.0.2.3\n", "")
    assert "--accept-removals" in site.await_event("removals")["message"]
    assert "DSAS_GENERATION=1 " in site.conf("w1")
    with OriginState(site.options.origin.state) as state:  # as `matrix push --accept-removals` does beside the daemon
        site.options.origin.take(read(site.matrix), state, accept_removals=True)
    site.await_generation(2, "w1", "w2")
    assert "DSAS_GENERATION=1 " in site.conf("w3"), "a host that left the MATRIX is left alone"


def test_it_ends_in_order_and_resumes_with_what_was_good(site):
    site.start()
    site.await_event("pushed", generation=1)
    site.stop()
    assert site.events("stopped")
    site.fleet.down("w1")
    (site.fleet.roots["w1"] / "etc/dsas.conf").unlink()
    site.edit("# edited", "[[")
    site.start(repair=True)
    site.await_event("text-wrong")
    site.fleet.up("w1")
    site.await_generation(1)


def test_settings_are_read_again(site):
    site.start(pace=Pace(30.0, 30.0, 60.0))
    site.await_event("pushed", generation=1)
    site.fleet.down("w1")
    site.edit("# edited", "[WARN]")
    site.await_event("pushed", generation=2)
    site.fleet.up("w1")
    site.options = replace(site.options, pace=Pace(0.2, 0.5, 60.0))
    site.daemon.reload()
    site.await_event("settings")
    site.await_generation(2)


def test_settings_that_are_wrong_are_not_taken(site):
    def wrong():
        raise DistributorError("there is no setting watch.pol")

    site.start()
    site.await_event("pushed", generation=1)
    site.daemon._reread = wrong
    site.daemon.reload()
    assert "watch.pol" in site.await_event("settings")["message"]
    site.edit("# edited", "[WARN]")
    site.await_generation(2)


def test_a_burst_of_saves_becomes_few_generations(site):
    site.start(rests=Rests(0.2, 0.5))
    site.await_event("pushed", generation=1)
    for number in range(300):
        site.matrix.write_text(TEXT.replace("# edited", f"weight={number % 200}"))
    site.matrix.write_text(TEXT.replace("# edited", "weight=201"))
    site.await_true(lambda: "weight" in (site.fleet.roots["w1"] / "etc/dsas.json").read_text())
    site.await_true(lambda: ":201" in (site.fleet.roots["w1"] / "etc/dsas.json").read_text().replace(" ", ""))
    with OriginState(site.options.origin.state) as state:
        assert state.current_number() < 20


def write(path, text):
    path.write_text(text)


def rename_over(path, text):
    """As vim with `backupcopy=no`, emacs, git and rsync do."""
    (path.parent / ".new").write_text(text)
    (path.parent / ".new").rename(path)


def backup_first(path, text):
    """As emacs does on a first save: the old file is renamed away, the new one written."""
    path.rename(path.with_name(path.name + "~"))
    path.write_text(text)


def remove_and_write(path, text):
    path.unlink()
    path.write_text(text)


def in_place(path, text):
    with path.open("r+") as file:
        file.truncate()
        file.write(text)


def swap_link(path, text):
    """As a deployment does that points a link to the next release."""
    release = path.parent / f"release-{random.randrange(10**9)}"
    release.mkdir()
    (release / "MATRIX").write_text(text)
    (path.parent / ".link").symlink_to(release / "MATRIX")
    (path.parent / ".link").rename(path)


@pytest.mark.parametrize(
    "save", [write, rename_over, backup_first, remove_and_write, in_place, swap_link], ids=lambda save: save.__name__
)
def test_whatever_the_habits_of_an_editor_each_save_is_noticed(site, save):
    site.start()
    site.await_event("pushed", generation=1)
    save(site.matrix, TEXT.replace("# edited", "[WARN]"))
    site.await_generation(2, "w1")
    save(site.matrix, TEXT.replace("# edited", "[STOP]"))
    site.await_generation(3, "w1")


def test_includes_that_join_are_watched(site):
    site.start()
    site.await_event("pushed", generation=1)
    (site.folder / "matrix.d/two.matrix").write_text("x1 127.1.2.3 [mx]\n")
    site.await_event("generation", generation=2)
    (site.folder / "matrix.d/two.matrix").write_text("x1 127.1.2.3 [mx] [WARN]\n")
    site.await_generation(3, "w1")


def test_the_poll_finds_what_no_event_told_of(site, monkeypatch):
    monkeypatch.setattr(Events, "watch", lambda _self, _texts: None)
    site.start(poll=0.2)
    site.await_event("pushed", generation=1)
    site.edit("# edited", "[WARN]")
    site.await_generation(2, "w1")


def test_where_folders_cannot_be_watched_it_says_so_and_polls(site, monkeypatch):
    def no_more(_self, _folder):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(Events, "_arm", no_more)
    site.start()
    assert "inotify watch limit" in site.await_event("events")["message"]
    site.await_event("pushed", generation=1)
    site.edit("# edited", "[WARN]")
    site.await_generation(2, "w1")
    assert len(site.events("events")) == 1


def test_a_folder_made_anew_is_watched_again(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "MATRIX").write_text("1")
    hints = []
    events = Events(lambda: hints.append(1), tmp_path / ".matrix")
    try:
        events.watch([folder / "MATRIX"])
        folder.rename(tmp_path / "old")
        folder.mkdir()
        (folder / "MATRIX").write_text("2")
        wait_for(lambda: hints)
        events.watch([folder / "MATRIX"])
        time.sleep(0.2)
        hints.clear()
        (folder / "MATRIX").write_text("3")
        wait_for(lambda: hints)
    finally:
        events.close()


def test_it_is_told_when_a_folder_was_not_watched_until_now(tmp_path):
    (tmp_path / "other").mkdir()
    texts = [tmp_path / "MATRIX", tmp_path / "other/x.matrix"]
    events = Events(lambda: None, tmp_path / ".matrix")
    try:
        assert [events.watch(texts[:1]), events.watch(texts[:1])] == [True, False]
        assert [events.watch(texts), events.watch(texts), events.watch(texts[:1])] == [True, False, False]
    finally:
        events.close()


def test_an_edit_between_the_reading_and_the_watching_is_seen(site, monkeypatch):
    """The first folder that is watched is edited at the worst moment: read already, not watched yet."""
    watch = Events.watch

    def edited_before(self, texts):
        if not self._armed:
            site.edit("# edited", "[db]")
        return watch(self, texts)

    monkeypatch.setattr(Events, "watch", edited_before)
    site.start()
    site.await_generation(2)
    assert "DSAS_DB='w2'" in site.conf("w1")


def test_reading_the_text_is_no_hint(tmp_path):
    (tmp_path / "MATRIX").write_text("1")
    hints = []
    events = Events(lambda: hints.append(1), tmp_path / ".matrix")
    try:
        events.watch([tmp_path / "MATRIX"])
        (tmp_path / "MATRIX").read_text()
        (tmp_path / ".matrix").mkdir()
        (tmp_path / ".matrix/state.db").write_text("x")
        time.sleep(0.3)
        assert hints == []
    finally:
        events.close()


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_the_next_release_refuses_is_said_at_the_start_and_when_it_changes(site):
    notice = Notice("/site", "group ops may write it", "group ops", "/etc/matrix/trusted")
    site.start(notices=(notice,), entries=lambda: entries({}), poll=0.1)
    said = site.await_event("next-release")
    assert (said["level"], said["where"], said["paste"]) == ("warning", "/site", "group ops")
    assert said["message"].endswith("put into /etc/matrix/trusted: group ops")
    site.await_event("pushed", generation=1)
    site.edit("# edited", "httpd.root=/srv/www [httpd]")
    told = site.await_event("next-release", 2)
    assert "MATRIX:5:" in told["where"]
    assert "M092" in told["cause"]
    site.await_event("pushed", generation=2)
    site.edit("w3  192.0.2.3", "w3  192.0.2.3 [WARN]")
    site.await_event("pushed", generation=3)
    assert len(site.events("next-release")) == 2, "not at every round"
    site.options = replace(site.options, notices=())
    site.daemon.reload()
    assert site.await_event("next-release", 3)["level"] == "info"
