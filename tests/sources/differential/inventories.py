"""Random Ansible inventories: groups several deep, siblings, priorities, variables of every kind, as INI and as YAML.

The same number gives the same inventory.
"""

import random
from dataclasses import dataclass, field

KEYS = ("ansible_user", "ansible_ssh_user", "ansible_port", "x", "y", "motd")
VALUES = {
    "ansible_user": ("ann", "bob", "cyd"),
    "ansible_ssh_user": ("ann", "bob"),
    "ansible_port": ("22", "2222", "8022"),
    "x": ("1", "2", "three"),
    "y": ("a", "b"),
    "motd": ("plain", "other"),
}


@dataclass
class Group:
    """A group: hosts as patterns with variables of their own, child groups, variables."""

    hosts: dict[str, dict[str, str]] = field(default_factory=dict)
    children: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


def make(number: int) -> dict[str, Group]:
    """The groups of an inventory by name, `all` and `ungrouped` among them."""
    choose = random.Random(number)
    names = [f"g{n}" for n in range(choose.randrange(1, 8))]
    choose.shuffle(names)
    groups = {"ungrouped": Group(), **{name: Group() for name in names}, "all": Group()}
    for position, name in enumerate(names):
        for child in names[position + 1 :]:
            if choose.random() < 0.35:
                groups[name].children.append(child)
    for name in ("ungrouped", *names):
        group = groups[name]
        for _ in range(choose.choice((0, 0, 1, 2, 3))):
            host = choose.choice(("h[1:3]", "h1", "h2", "h3", "k[a:c]", "n[01:09:4].example.com", "z"))
            group.hosts[host] = variables(choose, 0.15)
            if choose.random() < 0.2 and "[" not in host:
                group.hosts[host]["ansible_host"] = f"10.0.{len(host)}.{ord(host[-1])}"
    if choose.random() < 0.1:
        groups[choose.choice(names)].hosts["localhost"] = {"ansible_connection": "local", "x": "1"}
    for name, group in groups.items():
        group.variables = variables(choose, 0.3)
        if name not in ("all", "ungrouped") and choose.random() < 0.25:
            group.variables["ansible_group_priority"] = choose.choice(("1", "2", "10", "-3"))
    return groups


def variables(choose: random.Random, share: float) -> dict[str, str]:
    """Some variables."""
    return {key: choose.choice(VALUES[key]) for key in KEYS if choose.random() < share}


def as_ini(groups: dict[str, Group], number: int) -> str:
    """The inventory as INI, its sections in any order but for hosts of no group, which stand first."""
    choose = random.Random(number)
    first, sections = "", []
    for name, group in groups.items():
        lines = [
            " ".join([host, *(f"{key}={value}" for key, value in held.items())]) for host, held in group.hosts.items()
        ]
        if name == "ungrouped":
            first = "".join(f"{line}\n" for line in lines)
        elif name != "all":
            sections.append("".join(f"{line}\n" for line in (f"[{name}]", *lines)))
        if group.children:
            sections.append("".join(f"{line}\n" for line in (f"[{name}:children]", *group.children)))
        if group.variables:
            pairs = [f"{key} = {value}" for key, value in group.variables.items()]
            sections.append("".join(f"{line}\n" for line in (f"[{name}:vars]", *pairs)))
    choose.shuffle(sections)
    return first + "\n".join(sections)


def as_yaml(groups: dict[str, Group]) -> str:
    """The inventory as YAML, flat."""
    lines = []
    for name, group in groups.items():
        lines.append(f"{name}:")
        if group.hosts:
            lines.append("  hosts:")
            for host, held in group.hosts.items():
                lines.append(f"    '{host}':")
                lines += [f"      {key}: {value}" for key, value in held.items()]
        if group.children:
            lines.append("  children:")
            lines += [f"    {child}:" for child in group.children]
        if group.variables:
            lines.append("  vars:")
            lines += [f"    {key}: {value}" for key, value in group.variables.items()]
    return "\n".join(lines) + "\n"
