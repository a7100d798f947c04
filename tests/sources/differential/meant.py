"""What Ansible says that an inventory means (`ansible-inventory --list`), beside what the draft of it means."""

from collections.abc import Iterator
from typing import Any

from matrix_grammar import Fleet
from matrix_grammar.model import Host, texts
from matrix_grammar.reading import loads
from matrix_sources.registry import draft

Listed = dict[str, Any]
CONNECTION = {
    "ansible_user": "ssh.user",
    "ansible_ssh_user": "ssh.user",
    "ansible_port": "ssh.port",
    "ansible_ssh_port": "ssh.port",
}


def differences(text: str, listed: Listed) -> Iterator[str]:
    """Every difference that the draft does not tell."""
    made = draft("ansible", text, "FILE")
    fleet = loads(made.text)
    told = {left.text for left in made.leftovers}
    variables: dict[str, Listed] = listed["_meta"]["hostvars"]
    hosts = hosts_of(listed)
    for name, held in variables.items():
        if name == "localhost" and held.get("ansible_connection") == "local":
            assert any(each.startswith("localhost: ansible_connection") for each in told)
            hosts = {group: members - {name} for group, members in hosts.items()}
    if {host.name for host in fleet} != hosts["all"]:
        yield f"hosts: {sorted(host.name for host in fleet)}, not {sorted(hosts['all'])}"
        return
    for group, members in hosts.items():
        if group not in ("all", "ungrouped") and set(fleet.select(group).names) != members:
            yield f"group {group}: {sorted(fleet.select(group).names)}, not {sorted(members)}"
    for name in sorted(hosts["all"]):
        host = fleet.host(name)
        held = variables.get(name, {})
        for key in held:
            if key in CONNECTION and (old := f"ansible_ssh_{key[8:]}") in held and key != old:
                users = {text for each in fleet for text in texts(each.property(CONNECTION[key]) or "")}
                if str(held[key]) not in users and not _is_told(told, key) and held[key] != default(host, key):
                    yield f"{name}: {key}={held[key]} is lost without a word"
                continue
            if key == "ansible_host":
                found = set(host.addresses)
            elif key in CONNECTION:
                found = set(texts(host.property(CONNECTION[key]) or ""))
            elif key in host.properties or not (found := in_roles(fleet, host, key)):
                found = set(texts(host.property(key) or ""))
            elif str(held[key]) in found and (len(found) == 1 or _is_told(told, key)):
                continue
            if found != {str(held[key])}:
                yield f"{name}: {key}: {sorted(found)}, not {held[key]}"


def in_roles(fleet: Fleet, host: Host, key: str) -> set[str]:
    """The values that the roles of a host have for a property."""
    values = (fleet.role(role).property(key) for role in host.roles)
    return {text for value in values if value is not None for text in texts(value)}


def default(host: Host, key: str) -> str:
    """What all hosts have unless they have their own."""
    return texts(host.defaults.get(CONNECTION[key], ""))[0]


def _is_told(told: set[str], key: str) -> bool:
    return any(each.endswith(f": {key}") for each in told)


def hosts_of(listed: Listed) -> dict[str, set[str]]:
    """The hosts of each group, those of its children too."""

    def below(group: str) -> set[str]:
        said = listed.get(group, {})
        return set(said.get("hosts", ())).union(*(below(child) for child in said.get("children", ())))

    names = {name for name in listed if name != "_meta"} | {
        child for said in listed.values() for child in said.get("children", ())
    }
    return {name: below(name) for name in names}
