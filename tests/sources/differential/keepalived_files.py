"""Random keepalived.confs, and each difference between what keepalived reads in one and what it reads in the text that
MATRIX generates from its draft, but for what is told.

The same number gives the same text. Words beside those that MATRIX has are each told.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from keepalived_dumps import INTERFACE, Dump, instances, servers

from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import Allowed, entries
from matrix_grammar.reading import loads
from matrix_sources.draft import Draft
from matrix_sources.registry import draft

ADDRESSES = ("192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13")
MEMBERS = ("198.51.100.21", "198.51.100.22", "198.51.100.23")
BESIDE_AN_ADDRESS = (
    "",
    "",
    f"dev {INTERFACE}",
    "label veth0:1",
    "scope link",
    "brd 192.0.2.255",
    f"dev {INTERFACE} scope link",
)
CHECKS = ("TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK", "MISC_CHECK", "DNS_CHECK", "PING_CHECK", "UDP_CHECK", "")
OF_SERVER = ("alpha", "omega", "ha_suspend", "ops", "smtp_alert", 'quorum_up "/bin/true"', "virtualhost www.example.jp")
OF_MEMBER = ("alpha", "uthreshold 900", "lthreshold 2", 'notify_up "/bin/true up"', "smtp_alert")
OF_CHECK = ("warmup 3", "alpha", "log_all_failures")
OF_INSTANCE = ("garp_master_delay 3", "smtp_alert", 'notify_master "/bin/true m"', "accept", "down_timer_adverts 4")
OF_ALL = ("smtp_connect_timeout 9", "vrrp_garp_master_delay 3", "lvs_flush", "notification_email_from a@example.jp")
ENDS = ("", "", "", "  ! why", "  # why", "\t")
ALLOWED = Allowed(programs=("/bin/true",))


class _Writer:
    """Writes a configuration, each line in one of the forms that keepalived takes for the same."""

    def __init__(self, number: int) -> None:
        self.choose = random.Random(number)
        self.lines: list[str] = []
        self.depth = 0
        self.names = 0

    def chance(self, share: float) -> bool:
        return self.choose.random() < share

    def line(self, text: str) -> None:
        between = self.choose.choice((" ", " ", "\t", "   "))
        words = re.findall(r'"[^"]*"|\S+', text)
        if len(words) == 2 and self.depth and '"' not in text:
            if self.chance(0.1):
                words[1] = f'"{words[1]}"'
            elif self.chance(0.1) and re.fullmatch(r"[\w.]+", words[1]):
                self.names += 1
                self.lines.insert(0, f"$V{self.names}={words[1]}")
                words[1] = self.choose.choice((f"$V{self.names}", f"${{V{self.names}}}"))
        self.lines.append("    " * self.depth + between.join(words) + self.choose.choice(ENDS))
        if self.chance(0.05):
            self.lines.append(self.choose.choice(("! remark", "# remark", "")))

    def maybe(self, share: float, *texts: str) -> None:
        if self.chance(share):
            self.line(self.choose.choice(texts))

    def open(self, text: str) -> None:
        self.lines.append("    " * self.depth + text + " {")
        self.depth += 1

    def close(self) -> None:
        self.depth -= 1
        self.lines.append("    " * self.depth + "}")


def make(number: int) -> str:
    """A configuration that keepalived takes."""
    write = _Writer(number)
    write.open("global_defs")
    write.line("router_id lb1")
    write.maybe(0.3, *OF_ALL)
    write.close()
    _instances(write)
    if write.chance(0.5):
        _group(write)
    for address in write.choose.sample(ADDRESSES, write.choose.randrange(1, 4)):
        _server(write, f"{address} {write.choose.choice((80, 443, 25))}")
    if write.chance(0.2):
        _server(write, "fwmark 7")
    return "\n".join(write.lines) + "\n"


def _instances(write: _Writer) -> None:
    for number, addresses in enumerate((ADDRESSES[:2], ADDRESSES[2:])):
        if write.chance(0.4):
            continue
        write.open(f"vrrp_instance VI_{number}")
        write.line(f"interface {INTERFACE}")
        write.line(f"virtual_router_id {51 + number}")
        write.maybe(0.8, "state MASTER", "state BACKUP")
        write.maybe(0.8, "priority 100", "priority 150")
        write.maybe(0.3, "advert_int 2")
        write.maybe(0.2, "nopreempt")
        write.maybe(0.3, *OF_INSTANCE)
        write.open("virtual_ipaddress")
        for address in addresses:
            write.line(f"{address}{write.choose.choice(('', '/24'))} {write.choose.choice(BESIDE_AN_ADDRESS)}".rstrip())
        write.close()
        write.close()


def _group(write: _Writer) -> None:
    """A group, and one or two virtual servers for it."""
    write.open("virtual_server_group G")
    write.line("203.0.113.1 80")
    write.maybe(0.5, "203.0.113.4-6 80")
    write.maybe(0.2, "fwmark 9")
    write.close()
    for protocol in write.choose.sample(("TCP", "UDP"), write.choose.choice((1, 1, 2))):
        _server(write, "group G", protocol)


def _server(write: _Writer, at: str, protocol: str = "") -> None:
    write.open(f"virtual_server {at}")
    write.maybe(0.8, "lvs_sched rr", "lb_algo wlc", "lvs_sched sh")
    write.maybe(0.8, "lvs_method DR", "lb_kind NAT", "lvs_method TUN")
    write.line(f"protocol {protocol or write.choose.choice(('TCP', 'TCP', 'UDP'))}")
    write.maybe(0.4, "delay_loop 7", "delay_loop 2.5")
    if write.chance(0.3):
        write.line("persistence_timeout 120")
        write.maybe(0.5, "persistence_granularity 255.255.255.0")
    write.maybe(0.2, "quorum 2")
    write.maybe(0.2, "hysteresis 0")
    write.maybe(0.3, "sorry_server 198.51.100.99 80")
    write.maybe(0.2, "retry 4", "connect_timeout 6", "delay_before_retry 5", "inhibit_on_failure")
    write.maybe(0.3, *OF_SERVER)
    check = write.choose.choice(CHECKS)
    for address in write.choose.sample(MEMBERS, write.choose.randrange(1, 4)):
        write.open(f"real_server {address} {write.choose.choice((80, 80, 8080))}")
        write.maybe(0.5, "weight 1", "weight 7", "weight 0")
        write.maybe(0.2, "inhibit_on_failure")
        write.maybe(0.2, *OF_MEMBER)
        _check(write, check if write.chance(0.8) else write.choose.choice(CHECKS))
        write.close()
    write.close()


def _check(write: _Writer, kind: str) -> None:
    if not kind:
        return
    write.open(kind)
    if kind.endswith("_GET"):
        for path in write.choose.sample(("/", "/a.html", "/b?c=d"), write.choose.choice((1, 1, 2))):
            write.open("url")
            write.line(f"path {path}")
            write.maybe(0.5, "status_code 200", "status_code 200-204")
            write.maybe(0.2, "digest 640205b7b0fc66c1ea91c463fac6334d", "virtualhost v.example.jp")
            write.close()
    elif kind == "MISC_CHECK":
        write.line('misc_path "/bin/true one two"')
        write.maybe(0.4, "misc_timeout 5")
        write.maybe(0.2, "misc_dynamic")
    elif kind == "SMTP_CHECK":
        write.maybe(0.5, "helo_name lb.example.jp")
    elif kind == "DNS_CHECK":
        write.line("name example.jp")
    if kind not in ("MISC_CHECK", "PING_CHECK", "UDP_CHECK"):
        write.maybe(0.3, "connect_timeout 4")
        write.maybe(0.2, "connect_port 8081")
    write.maybe(0.3, "retry 2", "delay_before_retry 2")
    write.maybe(0.2, *OF_CHECK)
    write.close()


_CHECK, _PAGE = "_CHECK|_GET", "_GET"
TOLD = {
    "state": "state|its instances move together", "Priority": "priority", "Advert interval": "advert_int",
    "Preempt": "nopreempt|preempt", "Interface": "interface", "addresses": "VIP|virtual_server|dev|scope|another",
    "lvs_sched": "lvs_sched|lb_algo", "default forwarding method": "lvs_method|lb_kind", "delay_loop": "delay_loop",
    "persistence timeout": "persistence", "persistence granularity": "persistence", "quorum": "quorum|hysteresis",
    "sorry server": "sorry_server", "members": "real_server", "weight": "weight", "inhibit": "inhibit_on_failure",
    "Retries": f"retr|{_CHECK}", "Delay before retry": f"delay_before_retry|pause|{_CHECK}",
    "Dest": f"connect_port|{_CHECK}", "Timeout": f"timeout|{_CHECK}", "timeout": f"timeout|{_CHECK}",
    "Checked url": f"url|path|{_PAGE}", "codes": f"status|{_PAGE}", "VirtualHost": f"virtualhost|check.host|{_PAGE}",
    "helo": f"helo|{_CHECK}", "script": f"misc_path|{_CHECK}", "Keepalive method": _CHECK,
}  # fmt: skip
"""What is told where one of these differs."""


def differences(text: str, folder: Path, loaded: Path | None) -> Iterator[str]:
    """Every difference that is not told; without the library that `no_ipvs.c` makes, of VRRP alone."""
    made = draft("keepalived", text, "FILE")
    fleet = loads(made.text)
    entry = next(each for each in entries({"keepalived": {}}, ALLOWED) if each.name == "keepalived")
    written = "".join(each.content.decode() for each in reflect(fleet, 1, entry, only=["lb1"]))
    yield from _words(text, made)
    yield from _compared(instances(text, folder), instances(written, folder), made, "vrrp_instance")
    if loaded is not None:
        yield from _compared(servers(text, folder, loaded), servers(written, folder, loaded), made, "virtual_server")


def _compared(before: Dump, after: Dump, made: Draft, what: str) -> Iterator[str]:
    said = [f"{left.text} {left.reason}" for left in made.leftovers]

    def is_told(pattern: str) -> bool:
        return any(re.search(pattern, each) for each in said)

    for key in before.keys() | after.keys():
        if key not in before:
            yield f"{key}: keepalived has no such {what} in the file"
        elif key not in after:
            if not is_told(what):
                yield f"{key}: the {what} is lost"
        else:
            yield from (each for each in _differing(before[key], after[key], str(key)) if not is_told(TOLD[each[1]]))


def _differing(before: dict, after: dict, where: str) -> Iterator[tuple[str, str, object, object]]:
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        if name in ("at", "name", "vrid") or one == other:
            continue
        if name == "check" or (name == "members" and one.keys() == other.keys()):
            for inner in [""] if name == "check" else one:
                yield from _differing(
                    *((one, other) if name == "check" else (one[inner], other[inner])), f"{where} {inner}"
                )
        else:
            yield where, name, one, other


def _words(text: str, made: Draft) -> Iterator[str]:
    """The words that MATRIX has nothing for, of which each is told in its line, or with the block around it."""
    told = {(left.line, word) for left in made.leftovers for word in left.text.split()}
    blocks = {left.line for left in made.leftovers if left.text.endswith("{ … }") and not left.changed}
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        word = line.split()[0] if line.split() else ""
        if any(word == extra.split()[0] for extra in (*OF_SERVER[:-1], *OF_MEMBER, *OF_CHECK, *OF_INSTANCE, *OF_ALL)):
            depth, around = len(line) - len(line.lstrip(" ")), []
            for above in range(number - 1, 0, -1):
                indent = len(lines[above - 1]) - len(lines[above - 1].lstrip(" "))
                if lines[above - 1].endswith("{") and indent < depth:
                    depth = indent
                    around.append(above)
            if (number, word) not in told and not blocks.intersection(around):
                yield f"line {number}: {word} is neither carried over nor told"
