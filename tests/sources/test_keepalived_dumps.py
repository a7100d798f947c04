"""Drafts of keepalived.confs beside what keepalived's own parser reads; differential/run.py has many, with checkers."""

from pathlib import Path

import keepalived_dumps
import keepalived_files
import pytest

from matrix_grammar.reading import loads
from matrix_sources.registry import draft


@pytest.mark.needs("keepalived", "unshare", "ip", "root")
@pytest.mark.parametrize("number", range(0, 12, 2))
def test_what_keepalived_reads_is_in_the_draft_or_told(number: int, tmp_path: Path) -> None:
    text = keepalived_files.make(number)
    assert list(keepalived_files.differences(text, tmp_path, None)) == []


@pytest.mark.needs("keepalived", "unshare", "ip", "root")
def test_an_instance_that_the_draft_has_otherwise_is_seen(tmp_path: Path) -> None:
    text = next(text for text in map(keepalived_files.make, range(99)) if text.count("virtual_router_id") == 2)
    found = keepalived_dumps.instances(text, tmp_path)
    assert found.keys() == {51, 52}
    assert {key for one in found.values() for key in one} >= {"state", "Priority", "Interface", "addresses", "vrid"}


def test_a_group_has_a_virtual_server_for_each_protocol() -> None:
    server = "virtual_server group G {\nprotocol %s\nreal_server 10.0.0.%d 80 {\n}\n}\n"
    text = "virtual_server_group G {\n192.0.2.1-2 80\nfwmark 3\n}\n" + "".join(
        server % each for each in (("TCP", 1), ("udp", 2), ("UDP", 3))
    )
    made = draft("keepalived", text, "FILE")
    fleet = loads(made.text)
    assert [[host.address for host in fleet.role(name).hosts] for name in ("web", "web-2")] == [
        ["10.0.0.1"],
        ["10.0.0.2"],
    ]
    assert {fleet.role(name).property("vip") for name in ("web", "web-2")} == {("192.0.2.1:80", "192.0.2.2:80")}
    assert [left.text for left in made.leftovers if not left.changed] == ["fwmark 3", "virtual_server group G { … }"]


def test_a_wide_group_is_read_once_for_all_its_virtual_servers() -> None:
    text = "virtual_server_group G {\n" + "fwmark 3\n" * 9 + "}\n"
    text += "virtual_server group G {\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}\n" * 9
    told = [left.text for left in draft("keepalived", text, "FILE").leftovers]
    assert told.count("fwmark 3") == 9
