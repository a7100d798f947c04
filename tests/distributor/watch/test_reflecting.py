"""The daemon reflects what matrix.toml says: an edit of a state reaches the load balancers by itself."""

import signal

import pytest

from matrix_distributor.state import OriginState

TEXT = """\
@matrix 1
[lv]
    w1  192.0.2.1  [lv.master]
    w2  192.0.2.2
[ps] vip=203.0.113.80:80 ssh.port=9
    a1  127.0.9.1
    a2  127.0.9.2
    a3  127.0.9.3
"""
TEMPLATE = """\
{% for service in services %}
{% for member in service.members %}
server {{ member.name }}
{% endfor %}
{% endfor %}
"""
REFLECT = """\
[reflect]
pause = 0
probe = false
[reflect.lb]
template = "lb.j2"
hosts = "lv"
path = "/etc/lb.conf"
check = "test -s %s"
apply = "cat $DSAS_ROOT/etc/lb.conf >>$DSAS_ROOT/etc/log; test ! -e $DSAS_ROOT/etc/broken"
push = true
"""


@pytest.fixture
def site(site):
    """Two load balancers that are hosts, and members at which nothing listens."""
    site.matrix.write_text(TEXT)
    (site.folder / "templates").mkdir()
    (site.folder / "templates/lb.j2").write_text(TEMPLATE)
    with (site.folder / "matrix.toml").open("a") as file:
        file.write(REFLECT)
    return site


def lb(site, host):
    path = site.fleet.roots[host] / "etc/lb.conf"
    return path.read_text() if path.exists() else ""


def edit(site, old, new, name="MATRIX"):
    path = site.folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def servers(*names):
    return "".join(f"server {name}\n" for name in names)


def test_a_file_is_told_of_when_it_is_applied_and_not_when_the_pause_after_it_is_over(site):
    edit(site, "pause = 0", "pause = 3600", "matrix.toml")
    site.watch()
    site.await_event("reflect-applied", host="w2", generation=1)

    def known():
        with OriginState(site.folder / ".matrix") as state:
            return {record.host: (record.result, bool(record.applied)) for record in state.reflections.all()}

    site.await_true(lambda: known() == {"w2": ("ok", True)}, "w2 is remembered")
    assert lb(site, "w1") == "", "the pause goes on"
    site.stop()
    assert len(site.events("reflect-applied")) == 1
    assert known()["w2"] == ("ok", True)


def test_an_edit_of_a_state_or_of_a_template_reaches_the_load_balancers_by_itself(site):
    site.watch()
    for host in ("w1", "w2"):
        site.await_event("reflect-applied", entry="lb", host=host, generation=1)
        assert lb(site, host) == servers("a1", "a2", "a3")
    edit(site, "a2  127.0.9.2", "a2  127.0.9.2  [STOP: disk]")
    for host in ("w2", "w1"):
        site.await_event("reflect-applied", host=host, generation=2)
        assert lb(site, host) == servers("a1", "a3")
    applied = [event["host"] for event in site.events("reflect-applied")]
    assert applied == ["w2", "w1", "w2", "w1"], "the backup goes before the master"
    edit(site, "server", "peer", "templates/lb.j2")
    site.await_event("reflect-applied", host="w1", generation=3)
    assert lb(site, "w1") == "peer a1\npeer a3\n"
    edit(site, "@matrix 1", "@matrix 1\n# a remark")
    site.await_event("generation", generation=4)
    site.await_event("pushed", generation=4)
    assert len(site.events("reflect-applied")) == 6, "nothing changed in the file, nothing was applied"
    (site.folder / "templates/more.j2").write_text("{# a new one #}")
    site.await_event("generation", generation=5)


def test_a_load_balancer_that_was_away_follows_when_it_returns_and_holds_up_no_other(site):
    site.fleet.down("w2")
    site.watch()
    site.await_event("reflect-applied", host="w1")
    site.fleet.up("w2")
    site.await_event("reflect-applied", host="w2")
    assert lb(site, "w1") == lb(site, "w2") == servers("a1", "a2", "a3")


def test_a_file_that_cannot_be_applied_is_told_once_rests_and_comes_with_the_next_text(site):
    (site.fleet.roots["w2"] / "etc/broken").touch()
    site.watch()
    failed = site.await_event("reflect-failed", host="w2")
    assert (failed["level"], failed["stage"]) == ("error", "undo")
    assert "its apply ended with status 1; there was no file before, and there is none now" in failed["message"]
    assert site.await_event("reflect-stopped")["hosts"] == ["w1"]
    assert lb(site, "w1") == lb(site, "w2") == ""
    assert site.facts("w1")
    assert site.facts("w2"), "the generation came through"
    (site.fleet.roots["w2"] / "etc/broken").unlink()
    assert len(site.events("reflect-failed")) == 1
    edit(site, "a2  127.0.9.2", "a2  127.0.9.2  [STOP: disk]")
    for host in ("w1", "w2"):
        site.await_event("reflect-applied", host=host, generation=2)
        assert lb(site, host) == servers("a1", "a3")


def test_a_mistake_in_a_template_is_told_and_generations_go_on(site):
    edit(site, "server", "{{ service.colour }}", "templates/lb.j2")
    site.watch()
    told = site.await_event("reflect-wrong", entry="lb")
    site.await_event("pushed", generation=1)
    assert "lb.j2:3" in told["message"]
    assert "colour" in told["message"]
    assert site.facts("w1")
    edit(site, "{{ service.colour }}", "server", "templates/lb.j2")
    site.await_event("reflect-applied", host="w1", generation=2)


def test_settings_that_are_read_anew_count_at_once(site):
    edit(site, "push = true", "push = false", "matrix.toml")
    site.watch()
    site.await_event("pushed", generation=1)
    edit(site, "push = false", "push = true", "matrix.toml")
    site.await_event("generation", generation=2)
    assert lb(site, "w1") == ""
    site.process.send_signal(signal.SIGHUP)
    site.await_event("settings")
    site.await_event("reflect-applied", host="w1")
    site.process.send_signal(signal.SIGHUP)
    site.await_event("settings", 2)
    site.stop()
