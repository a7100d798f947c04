"""Entries: the tables of matrix.toml, with the built-ins' defaults filled in."""

import pytest

from matrix_emitters import EmitterError
from matrix_emitters.reflection.model import Configuration, entries


def named(tables: dict[str, object], name: str) -> Configuration:
    return next(entry for entry in entries(tables) if entry.name == name)


def test_a_built_in_needs_no_table() -> None:
    entry = named({}, "keepalived")
    assert (entry.hosts, entry.path) == ("lv", "/etc/keepalived/keepalived.conf")
    assert not entry.own
    assert not entry.push


def test_a_table_changes_what_it_says_and_nothing_else() -> None:
    entry = named({"keepalived": {"hosts": "lb", "push": True, "mode": "0640"}}, "keepalived")
    assert (entry.hosts, entry.push, entry.mode) == ("lb", True, 0o640)
    assert entry.check == named({}, "keepalived").check


def test_a_built_in_may_be_reflected_twice_under_another_name() -> None:
    entry = named({"edge": {"template": "keepalived", "hosts": "edge", "path": "/etc/edge.conf"}}, "edge")
    assert (entry.template, entry.path) == ("keepalived", "/etc/edge.conf")


def test_entries_come_in_the_order_in_which_they_are_applied() -> None:
    tables = {
        "b": {"template": "b.j2", "path": "/b", "order": 1},
        "a": {"template": "a.j2", "path": "/a", "order": 1},
        "z": {"template": "z.j2", "path": "/z", "order": 0},
    }
    names = [entry.name for entry in entries(tables)]
    assert names[:3] == ["z", "a", "b"]


def test_the_settings_beside_the_entries_are_no_entries() -> None:
    assert entries({"templates": "t", "pause": 5.0, "probe": True}) == entries({})


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"keepalivd": {}}, "reflect.keepalivd: no reflector is called keepalivd.*did you mean keepalived"),
        ({"keepalived": {"host": "lv"}}, r"reflect.keepalived.host: there is no such setting; did you mean hosts\?"),
        ({"keepalived": {"push": "yes"}}, "reflect.keepalived.push: 'yes' is not true or false"),
        ({"keepalived": {"order": True}}, "reflect.keepalived.order: True is not a whole number"),
        ({"keepalived": {"mode": 644}}, "reflect.keepalived.mode: must be octal text"),
        ({"keepalived": {"mode": "0999"}}, "reflect.keepalived.mode: must be octal text"),
        ({"keepalived": {"owner": "root; reboot"}}, "reflect.keepalived.owner: 'root; reboot' is not USER or"),
        ({"keepalived": {"path": "etc/x"}}, "reflect.keepalived.path: must be the absolute path"),
        ({"keepalived": {"path": "/etc/../x"}}, "reflect.keepalived.path: must be the absolute path"),
        ({"keepalived": {"path": "/etc/\nx"}}, "reflect.keepalived.path: must be one line"),
        ({"keepalived": {"hosts": " "}}, "reflect.keepalived.hosts: empty"),
        ({"keepalived": 3}, "reflect.keepalived: 3 is not a table"),
        (
            {"zone": {}, "zone-10": {"template": "zone", "zone": "10.0.0.0/8"}},
            "reflect.zone and reflect.zone-10 both make /etc/bind/db.matrix; give one another path",
        ),
        ({"motd": {"template": "motd.j2"}}, "reflect.motd.path: missing"),
        (
            {"motd": {"template": "../motd.j2", "path": "/etc/motd"}},
            "reflect.motd.template: '../motd.j2' is not the name",
        ),
        ({"Motd": {"template": "motd.j2", "path": "/etc/motd"}}, "reflect.Motd: not a name for an entry"),
        ({"motd": {"template": 3, "path": "/etc/motd"}}, "reflect.motd.template: 3 is not text"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(tables: dict[str, object], message: str) -> None:
    with pytest.raises(EmitterError, match=message):
        entries(tables)
