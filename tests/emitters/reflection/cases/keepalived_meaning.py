"""What a keepalived.conf means, written independently of what drafts one: for comparing two of them.

Every statement must be understood here, or be told as not carried over: one that is neither fails the test. What was
told counts as `ANY`, which is equal to everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_interface
from typing import Any

from matrix_sources.keepalived import KeepalivedConf, KeepalivedStatement
from matrix_sources.outline import Leftover

CHECKERS = {"HTTP_GET": "http", "SSL_GET": "https", "TCP_CHECK": "tcp", "SMTP_CHECK": "smtp", "MISC_CHECK": "misc"}
Meaning = dict[str, Any]


class _Any:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()


class Told:
    """What was told of a text, by line."""

    def __init__(self, leftovers: Iterable[Leftover], parsed: Iterable[Leftover]) -> None:
        """`parsed` is what is told of the form alone: it takes no statement away."""
        self._texts: dict[int, list[str]] = {}
        self.changed: dict[int, list[str]] = {}
        for left in leftovers:
            if left.changed:
                self.changed.setdefault(left.line, []).append(left.reason)
            elif not left.reason.startswith("its further words") and left not in parsed:
                self._texts.setdefault(left.line, []).append(left.text)

    def gone(self, statement: KeepalivedStatement) -> bool:
        words = " ".join(statement.words)
        return any(text in (words, words + " { … }") for text in self._texts.get(statement.line, ()))

    def says(self, line: int, text: str) -> bool:
        return text in self._texts.get(line, ())


class View:
    """A block of which every statement must be asked for."""

    def __init__(self, block: Iterable[KeepalivedStatement] | None, told: Told) -> None:
        self._left = list(block or ())
        self.told = told

    def each(self, *keywords: str) -> list[KeepalivedStatement]:
        found = [one for one in self._left if one.keyword in keywords]
        self._left = [one for one in self._left if one.keyword not in keywords]
        return [one for one in found if not self.told.gone(one)]

    def value(self, keywords: str, default: object, read: Callable[[tuple[str, ...]], object]) -> Any:
        wanted = keywords.split("|")
        lost = any(one.keyword in wanted and self.told.gone(one) for one in self._left)
        found = self.each(*wanted)
        return read(found[-1].arguments) if found else ANY if lost else default

    def close(self) -> None:
        silent = [one for one in self._left if not self.told.gone(one)]
        assert not silent, f"neither carried over nor told: {silent}"


def seconds(words: tuple[str, ...]) -> float:
    return float(words[0])


def number(words: tuple[str, ...]) -> int:
    return int(words[0])


def flag(words: tuple[str, ...]) -> bool:
    return not words or words[0] in ("on", "true", "yes")


def first(words: tuple[str, ...]) -> str:
    return words[0]


def upper(words: tuple[str, ...]) -> str:
    return words[0].upper()


def meaning(conf: KeepalivedConf, leftovers: Iterable[Leftover] = ()) -> Meaning:
    """Virtual servers and VRRP instances, with keepalived's defaults filled in."""
    told = Told(leftovers, conf.leftovers)
    top = View(conf.statements, told)
    router: object = ANY
    for block in top.each("global_defs"):
        view = View(block.block, told)
        router = view.value("router_id", ANY, first)
        view.each("enable_script_security", "script_user")
        view.close()
    groups = {group.arguments[0]: group for group in top.each("virtual_server_group")}
    servers: Meaning = {}
    for statement in top.each("virtual_server"):
        for endpoint in _endpoints(statement, groups, told):
            server = _server(statement, int(endpoint[1]), told)
            key = (*endpoint, server.pop("protocol"))
            if key not in servers and not told.says(statement.line, f"virtual_server {endpoint[0]} {endpoint[1]}"):
                servers[key] = server
    instances = {}
    for statement in top.each("vrrp_instance"):
        key, instance = _instance(statement, told)
        instances[key] = instance
    synced = [_group(statement, told) for statement in top.each("vrrp_sync_group")]
    names = {instance["name"]: key for key, instance in instances.items()}
    for instance in instances.values():
        del instance["name"]
    top.close()
    return {
        "router": router,
        "servers": servers,
        "instances": instances,
        "synced": ANY
        if any("move together here" in one for reasons in told.changed.values() for one in reasons)
        else sorted(sorted(names[name] for name in group) for group in synced if len(group) > 1),
    }


def _endpoints(statement: KeepalivedStatement, groups: Meaning, told: Told) -> list[tuple[str, str]]:
    if statement.arguments[0] != "group":
        return [(str(ip_address(statement.arguments[0])), statement.arguments[1])]
    found = []
    for entry in groups[statement.arguments[1]].block:
        if told.gone(entry):
            continue
        low, _, high = entry.words[0].partition("-")
        head, sign, last = low.rpartition(":" if ":" in low else ".")
        base = 16 if sign == ":" else 10
        for each in range(int(last, base), int(high or last, base) + 1):
            found.append((str(ip_address(f"{head}{sign}{each:{'x' if base == 16 else 'd'}}")), entry.words[1]))
    return found


def _server(statement: KeepalivedStatement, port: int, told: Told) -> Meaning:
    view = View(statement.block, told)
    found: Meaning = {
        "protocol": view.value("protocol", "UDP", upper),
        "sched": view.value("lvs_sched|lb_algo", "wlc", first),
        "method": view.value("lvs_method|lb_kind", "NAT", first),
        "every": view.value("delay_loop", 60, seconds),
        "persist": view.value("persistence_timeout", 0, lambda words: int(words[0]) if words else 360),
        "mask": view.value("persistence_granularity", "", first),
        "quorum": view.value("quorum", 1, number),
        "hysteresis": view.value("hysteresis", 0, number),
        "sorry": view.value("sorry_server", None, lambda words: (words[0], words[1] if len(words) > 1 else str(port))),
    }
    outer = {key: view.value(keyword, None, read) for key, keyword, read in _AROUND}
    inhibit = view.value("inhibit_on_failure", False, flag)
    members = {}
    for real in view.each("real_server"):
        address, *rest = real.arguments
        member = _member(real, int(rest[0]) if rest else port, outer, found["every"], told)
        if member["inhibit"] is None:
            member["inhibit"] = inhibit
        if told.says(real.line, "inhibit_on_failure"):
            member["inhibit"] = ANY
        members[str(ip_address(address)), rest[0] if rest else str(port)] = member
    view.close()
    return {**found, "members": members}


_AROUND = (
    ("timeout", "connect_timeout", seconds),
    ("retries", "retry", number),
    ("pause", "delay_before_retry", seconds),
    ("host", "virtualhost", first),
)


def _member(real: KeepalivedStatement, port: int, outer: Meaning, every: object, told: Told) -> Meaning:
    view = View(real.block, told)
    around = {key: _either(view.value(keyword, None, read), outer[key]) for key, keyword, read in _AROUND}
    checkers = [one for one in view._left if one.keyword.endswith(("_CHECK", "_GET"))]
    view._left = [one for one in view._left if one not in checkers]
    kept = [one for one in checkers if not told.gone(one)]
    assert len(kept) <= 1, f"several checks: {kept}"
    check: object = ANY if checkers and not kept else None
    if kept:
        check = _check(kept[0], port, around, every, told)
    found = {"weight": view.value("weight", 1, number), "check": check}
    found["inhibit"] = view.value("inhibit_on_failure", None, flag)
    view.value("lvs_method|lb_kind", "", upper)
    view.close()
    return found


def _either(*values: object) -> Any:
    return next((value for value in values if value is not None), None)


def _check(statement: KeepalivedStatement, port: int, around: Meaning, every: object, told: Told) -> Meaning:
    view = View(statement.block, told)
    kind = CHECKERS[statement.keyword]
    web = kind in ("http", "https")
    found: Meaning = {"kind": kind, "port": view.value("connect_port", port, number)}
    if kind == "misc":
        found["script"] = view.value("misc_path", "", first)
        found["check.timeout"] = view.value("misc_timeout", every, seconds)
    else:
        timeout = view.value("connect_timeout", None, seconds)
        found["check.timeout"] = _either(timeout, around["timeout"], 5)
    default = 0 if kind == "misc" else 1
    found["check.retries"] = _either(view.value("retry", None, number), around["retries"], default)
    pause = view.value("delay_before_retry", None, seconds)
    found["check.pause"] = _either(pause, around["pause"], 3 if web else 1)
    found["check.helo"] = view.value("helo_name", "", first)
    if web:
        host = view.value("virtualhost", None, first)
        urls = view.each("url")
        assert len(urls) == 1
        url = View(urls[0].block, told)
        found["path"] = url.value("path", "/", first)
        found["check.status"] = url.value("status_code", (), tuple)
        found["check.host"] = _either(url.value("virtualhost", None, first), host, around["host"])
        url.close()
        sni = view.value("enable_sni", False, lambda words: True)
        told_of_host = told.says(statement.line, f"{statement.keyword}: check.host")
        changed = told_of_host or any("to TLS" in one for one in told.changed.get(statement.line, ()))
        found["sni"] = ANY if changed else sni
    view.close()
    return {key: ANY if told.says(statement.line, f"{statement.keyword}: {key}") else v for key, v in found.items()}


def _instance(statement: KeepalivedStatement, told: Told) -> tuple[tuple[int, str, int], Meaning]:
    view = View(statement.block, told)
    prefixes = {}
    for held in view.each("virtual_ipaddress", "virtual_ipaddress_excluded"):
        for entry in held.block or ():
            if told.gone(entry):
                continue
            interface = ip_interface(entry.words[0])
            if not str(interface.ip).startswith(("fe80::200:5eff:", "169.254.0.")):
                prefixes[str(interface.ip)] = interface.network.prefixlen
    name = statement.arguments[0]
    vrid, device = view.value("virtual_router_id", 0, number), view.value("interface", "", first)
    preempt = not view.value("nopreempt", False, flag)
    state = view.value("state", "BACKUP", first)
    found: Meaning = {
        "name": name,
        "state": state if preempt else "BACKUP",
        "preempt": preempt,
        "priority": view.value("priority", 100, number),
        "advert": view.value("advert_int", 1, number),
        "source": view.value("unicast_src_ip", "", first),
        "prefixes": prefixes,
        "peers": {
            entry.words[0] for held in view.each("unicast_peer") for entry in held.block or () if not told.gone(entry)
        },
    }
    view.close()
    family = 6 if any(":" in address for address in prefixes) else 4
    told_here = {key: ANY for key in found if told.says(statement.line, f"vrrp_instance {name}: {key}")}
    return (vrid, device, family), {**found, **told_here}


def _group(statement: KeepalivedStatement, told: Told) -> list[str]:
    view = View(statement.block, told)
    names = [word for held in view.each("group") for entry in held.block or () for word in entry.words]
    view.close()
    return names
