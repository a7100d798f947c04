"""What keepalived's own parser makes of a text: the data that `keepalived --dump-conf` writes, as values.

keepalived runs in the foreground, in a network namespace of its own, until it has written them. Without IPVS in the
kernel its checkers write them only if `no_ipvs.c` is loaded, which needs a C compiler.
"""

import re
import subprocess
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INTERFACE = "veth0"
_STAMP = re.compile(r"\w{3} \w{3} +\d+ [\d:]+ \d{4}: ")
_NET = (
    "ip link set lo up; ip link add veth0 type veth peer name veth1; ip addr add 198.51.100.1/24 dev veth0; "
    "ip link set veth0 up; ip link set veth1 up; "
)
_DONE = {"-C": "Activating BFD healthchecker", "-P": "------< Interfaces >------"}
_PERMANENT = "exited with permanent error"
_OF_CHECK = (
    "Retries", "Delay before retry", "Dest", "Timeout", "timeout", "Checked url", "helo", "script", "VirtualHost",
    "Keepalive method",
)  # fmt: skip
_OF_SERVER = (
    "lvs_sched", "delay_loop", "persistence timeout", "persistence granularity", "default forwarding method",
    "sorry server",
)  # fmt: skip
Dump = dict[Any, dict[str, Any]]


def shim(folder: Path) -> Path:
    """`no_ipvs.c`, compiled."""
    built = folder / "no_ipvs.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, HERE / "no_ipvs.c", "-ldl"], check=True)
    return built


def said(part: str, text: str, folder: Path, loaded: Path | None = None) -> list[str]:
    """The lines that keepalived writes of a text: its checkers (`-C`) or VRRP (`-P`)."""
    path = folder / "keepalived.conf"
    path.write_text(text)
    keep = f"keepalived -n -l -d {part} -i main -f {path} -p {folder}/p -c {folder}/c -r {folder}/r"
    preload = f"LD_PRELOAD={loaded} " if loaded else ""
    command = ["unshare", "-n", "-p", "-f", "--kill-child=KILL", "sh", "-c", f"{_NET}{preload}timeout 5 {keep}"]
    lines = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(_STAMP.sub("", line.rstrip("\n"), count=1))
            if lines[-1] == _DONE[part] or _PERMANENT in line:
                break
        process.kill()
    return lines


def instances(text: str, folder: Path) -> Dump:
    """The VRRP instances by VRID and family, with their interface, state, priority, advert, preempt and addresses."""
    found: Dump = {}
    one: dict[str, Any] = {}
    for line in said("-P", text, folder):
        key, _, value = (piece.strip() for piece in line.partition(" = "))
        if key == "VRRP Instance":
            one = {"addresses": set()}
        elif key == "Wantstate":
            one["state"] = value
        elif key in ("Interface", "Priority", "Advert interval", "Preempt"):
            one.setdefault(key, value)
        elif key == "Virtual Router ID":
            one["vrid"] = int(value)
            found[one["vrid"]] = one
        elif re.match(r"     [0-9a-f.:/]+ ", line) and "dev" in line and one:
            words = line.split()
            if not words[0].startswith(("169.254.", "fe80:")):
                one["addresses"].add((words[0], words[words.index("dev") + 1]))
    return found


def servers(text: str, folder: Path, loaded: Path) -> Dump:
    """The virtual servers by address, port and protocol: what MATRIX has properties for, and their members."""
    groups: dict[str, list[tuple[str, str]]] = {}
    found: dict[str, dict[str, Any]] = {}
    group: list[tuple[str, str]] = []
    server: dict[str, Any] = {}
    member: dict[str, Any] = {}
    check: dict[str, Any] | None = None
    for line in map(str.strip, said("-C", text, folder, loaded)):
        key, _, value = line.partition(" = ")
        if match := re.match(r"Virtual Server Group = (\S+), IPv4", line):
            group = groups.setdefault(match[1], [])
        elif match := re.match(r"VIP(?: Range)? = ([^-,]+)(?:-([^,]+))?, VPORT = (\d+)$", line):
            group += [(address, match[3]) for address in _between(match[1], match[2])]
        elif match := re.match(r"VS (?:VIP = (\S+), VPORT = (\d+)|(GROUP) = (\[(\S+)\]:\d+)|FWMARK = (\d+))", line):
            server = {"at": [(match[1], match[2])] if match[1] else groups.get(match[5], []), "members": {}}
            server["name"] = match[4] or match[6] or ""
            found[server["name"] or f"{match[1]} {match[2]}"] = server
            member = {}
        elif line.startswith("protocol = "):
            server["protocol"] = value.lower()
            if not server["name"]:
                found[f"[{server['at'][0][0]}]:{value.lower()}:{server['at'][0][1]}"] = server
        elif match := re.match(r"RIP = (\S+), RPORT = (\d+), WEIGHT = (\d+)", line):
            member = {"weight": match[3], "checks": []}
            server["members"][match[1], match[2]] = member
        elif match := re.match(r"(\[.*\](?::\w+)?:\d+) -> \[(\S+)\]:\w+:(\d+)$", line):
            check = {}
            if match[1] in found:
                found[match[1]]["members"][match[2], match[3]]["checks"].append(check)
        elif check is not None:
            if key in _OF_CHECK:
                check.setdefault(key, value.partition(",")[0])
            elif re.fullmatch(r"\d{3}(?:-\d{3})?(?: \d{3}(?:-\d{3})?)*", line):
                check["codes"] = line
        elif line.startswith("Inhibit on failure is") and member:
            member["inhibit"] = line[-3:].strip()
        elif line.startswith("quorum = "):
            server["quorum"] = line
        elif key in _OF_SERVER:
            server.setdefault(key, value)
    result: Dump = {}
    for one in {id(one): one for one in found.values()}.values():
        one["members"] = {where: frozen(each) for where, each in one["members"].items()}
        for address, port in one.get("at", ()):
            result.setdefault((address, port, one.get("protocol", "")), one)
    return result


def frozen(member: dict[str, Any]) -> dict[str, Any]:
    """A member with its first check, without what follows from it."""
    checks = member.pop("checks")
    return {**member, "check": checks[0] if checks else {}}


def _between(first: str, last: str | None) -> list[str]:
    if last is None:
        return [first]
    return [str(IPv4Address(number)) for number in range(int(IPv4Address(first)), int(IPv4Address(last)) + 1)]
