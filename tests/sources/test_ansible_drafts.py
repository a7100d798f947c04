"""Drafts of Ansible inventories: whose variables count for a host, and nothing lost without a word."""

import json
from pathlib import Path

import meant
import pytest

from matrix_grammar.reading import loads
from matrix_sources.outline import DraftError
from matrix_sources.registry import draft

RECORDED = json.loads(Path(__file__).with_name("ansible_inventory_list.json").read_text("utf-8"))


def told(text: str) -> list[str]:
    return [f"{left.line} {left.text}: {left.reason}" for left in draft("ansible", text, "FILE").leftovers]


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["name"])
def test_a_draft_means_what_ansible_inventory_lists(case: dict[str, meant.Listed]) -> None:
    """`said_by` names the program and its version; differential/run.py --record asked it."""
    assert not list(meant.differences(str(case["text"]), case["listed"]))


@pytest.mark.parametrize(
    ("vars_of", "user"),
    [
        ({"child": "c", "parent": "p"}, "c"),
        ({"parent": "p", "other": "o"}, "p"),
        ({"child": "c", "other": "o"}, "c"),
        ({"parent": "p", "other": "o", "grandparent": "g"}, "p"),
        ({"other": "o", "zebra": "z"}, "z"),
        ({"other": "o\nansible_group_priority=2", "zebra": "z"}, "o"),
        ({"other": "o\nansible_group_priority=9", "child": "c"}, "c"),
    ],
)
def test_of_groups_the_deepest_decides_then_the_priority_then_the_name(vars_of: dict[str, str], user: str) -> None:
    groups = "[child]\nh\n[other]\nh\n[zebra]\nh\n[parent:children]\nchild\n"
    if "grandparent" in vars_of:
        groups += "[grandparent:children]\nparent\n"
    text = groups + "".join(f"[{name}:vars]\nansible_user={user}\n" for name, user in vars_of.items())
    assert loads(draft("ansible", text, "FILE").text).host("h").property("ssh.user") == user


def test_what_hosts_of_no_group_have_is_carried_over() -> None:
    fleet = loads(draft("ansible", "h\n[web]\nw\n[ungrouped:vars]\nansible_user=u\nx=1\n", "FILE").text)
    assert (fleet.host("h").property("ssh.user"), fleet.host("h").property("x")) == ("u", 1)
    assert fleet.host("w").property("ssh.user") is None


def test_variables_that_nobody_takes_are_told() -> None:
    assert told("[web]\n[web:vars]\nansible_port=1\n") == ["3 web: ansible_port: no host takes it from there"]
    assert told("h x=1 x=2\n") == ["1 h: x: it is given again below"]
    assert told("h\n[all:vars]\nansible_user=a\nansible_ssh_user=b\n") == [
        "3 all: ansible_user: ansible_ssh_user counts here"
    ]
    assert told("[a]\nh\n[b]\nh\n[a:vars]\nx=1\n[b:vars]\nx=2\n") == [
        "6 a: x: for hosts that are in b too Ansible takes that one's; here each role has its own"
    ]


def test_this_machine_is_no_host_to_push_to() -> None:
    text = "localhost ansible_connection=local x=1\nweb1\nsw ansible_connection=network_cli\n"
    assert [host.name for host in loads(draft("ansible", text, "FILE").text)] == ["web1", "sw"]
    assert told(text)[:3] == [
        "1 localhost: ansible_connection=local: this machine itself, no host to push to",
        "1 localhost: x: of a host that is not in the draft",
        "3 sw: ansible_connection=network_cli: a host here, which matrix reaches over SSH; Ansible does not",
    ]
    by_group = "[here]\nlocalhost\n[here:vars]\nansible_connection=local\n"
    assert len(loads(draft("ansible", by_group, "FILE").text)) == 0


def test_names_that_differ_by_case_alone_are_one_host_and_what_is_lost_is_told() -> None:
    text = "Web1 x=1\nweb1 x=2 ansible_host=10.0.0.1\n[g]\nWEB1\n"
    (host,) = loads(draft("ansible", text, "FILE").text)
    assert (host.name, host.property("x"), list(host.roles)) == ("Web1", 1, ["g"])
    assert [line for line in told(text) if line.startswith("2 web1: x")] == [
        "2 web1: x: names are compared without case, and what Web1 has counts"
    ]


def test_a_name_alone_is_a_mapping_in_yaml_as_ansible_takes_it() -> None:
    fleet = loads(
        draft("ansible", "all:\n  children:\n    web:\n      hosts: w1\n    top:\n      children: web\n", "F").text
    )
    assert fleet.select("top").names == ("w1",)


def test_comments_behind_numbers_are_no_part_of_them() -> None:
    fleet = loads(draft("ansible", "[g]\nh\n[g:vars]\nversion=1.10 # as of May\n", "FILE").text)
    assert fleet.role("g").property("version") == "1.10"


@pytest.mark.parametrize(
    "text",
    [
        '{\n  "all": {\n    "hosts": {\n      "web1": {}\n    }\n  }\n}\n',
        "127.0.0.1 localhost\n10.0.0.1 web1 www\n",
        "vrrp_instance V {\n  state MASTER\n  interface eth0\n}\n",
        "Host web1\n    HostName 10.0.0.1\n",
    ],
)
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DraftError, match=r"line \d+: .* is nothing in an inventory; is this the right file\?"):
        draft("ansible", text, "FILE", form="ini")


def test_a_group_without_a_name_is_a_role_as_others_are() -> None:
    text = 'all: {children: {"": {hosts: {w1: {ansible_user: u}}, vars: {ansible_user: v}}}}\n'
    fleet = loads(draft("ansible", text, "FILE").text)
    assert fleet.host("w1").roles == ("role",)
