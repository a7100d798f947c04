"""Answers the questions on standard input from the given dsas.json, by docs/bindings/json.md alone."""

import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    dsas = json.load(file)


class Wrong(Exception):
    pass


def known(table, name):
    if name not in table:
        raise Wrong(name)
    return table[name] if isinstance(table, dict) else name


def host_name(asked):
    names = {name.lower(): name for name in dsas["hosts"]}
    full = {host["fullname"].lower(): name for name, host in reversed(dsas["hosts"].items())}
    return known({**full, **names}, asked.lower())


def host(asked):
    return dsas["hosts"][host_name(asked)]


def members(name):
    return known({**dsas["groups"], **dsas["roles"]}, name)


def state_of(asked, role=None):
    of = host(asked)
    state = of["state"]
    if role is not None:
        known(dsas["roles"], role)
        if of["in_service"]:
            state = of["roles"].get(role, {}).get("state") or state
    return state


def at_site(role, site, key):
    return dsas["roles"][role]["by_site"].get(site, {}).get(key, dsas["roles"][role]["everywhere"].get(key))


def value(key, *places):
    known(dsas["properties"], key)
    return next((found for found in places if found is not None), None)


def required(found, default):
    if found is None and not default:
        raise Wrong("no value")
    return default[0] if found is None else found


def find(asked, role, key):
    of = host(asked)
    here = tag = None
    if role is not None:
        known(dsas["roles"], role)
        tag = of["roles"].get(role, {"properties": {}})["properties"].get(key)
        here = at_site(role, of["site"], key)
    return value(key, tag, of["properties"].get(key), here, dsas["defaults"][of["defaults"]].get(key))


def self_():
    called = os.environ["DSAS_SELF"]
    try:
        return host_name(called)
    except Wrong:
        return host_name(called.partition(".")[0])


def role_at(role, site, key):
    known(dsas["roles"], role)
    known(dsas["sites"], site)
    return value(key, at_site(role, site, key))


def in_service(asked, role=None):
    state = state_of(asked, role)
    return (role is None or role in host(asked)["roles"]) and (state is None or state["in_service"])


QUESTIONS = {
    "hosts": lambda name=None: list(dsas["hosts"]) if name is None else members(name)["hosts"],
    "serving": lambda name: members(name)["in_service"],
    "roles": lambda name=None: list(dsas["roles"] if name is None else host(name)["roles"]),
    "groups": lambda: list(dsas["groups"]),
    "sites": lambda: dsas["sites"],
    "state": lambda *asked: (state_of(*asked) or {"name": ""})["name"],
    "reason": lambda *asked: (state_of(*asked) or {"reason": ""})["reason"],
    "in_service": in_service,
    "is": lambda name, role: known(dsas["roles"], role) is not None and role in host(name)["roles"],
    "name": host_name,
    "address": lambda name: host(name)["address"],
    "addresses": lambda name: host(name)["addresses"],
    "fullname": lambda name: host(name)["fullname"],
    "site": lambda name: host(name)["site"] or "",
    "rack": lambda name: host(name)["rack"] or "",
    "note": lambda name: host(name)["note"],
    "meaning": lambda role: known(dsas["roles"], role)["meaning"],
    "get": lambda name, key, *default: required(find(name, None, key), default),
    "get_in": lambda name, role, key, *default: required(find(name, role, key), default),
    "role_get": lambda role, key, *default: required(
        value(key, known(dsas["roles"], role)["properties"].get(key)), default
    ),
    "role_get_at": lambda role, site, key, *default: required(role_at(role, site, key), default),
    "self": self_,
    "self_roles": lambda: list(host(self_())["roles"]),
    "generation": lambda: dsas["generation"],
    "digest": lambda: dsas["digest"],
    "format": lambda: dsas["format"],
}

answers = []
for name, _, arguments in json.load(sys.stdin):
    try:
        answers.append({"answer": QUESTIONS[name](*arguments)})
    except Wrong as error:
        answers.append({"error": str(error)})
print(json.dumps(answers))
