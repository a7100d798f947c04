"""`matrix import` of every kind, with as many lines as a large site has, and of shapes that cost the most.

usage: python benchmarks/import/run.py [LINES] [SHAPE …]

Seconds of CPU (user and system) of the whole command, the least of three runs, beside the CPU of a Python that
does nothing but split the same file into words. Where a bound makes it refuse the file, its exit status is told.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PACKAGES = [
    str(TOP / package) for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
]
RUNS = 3
WORDS = "import sys; [line.split() for line in open(sys.argv[1], encoding='utf-8')]"


def _address(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def _mixed(number: int) -> str:
    """A name that goes with none of its neighbours, so that nothing is folded into a range."""
    return f"{'abcdefghijklm'[number * 7 % 13]}{number * 7919 % 1_000_003}"


def _hosts(count: int) -> Iterable[str]:
    return (f"{_address(n)} w{n:06d}.example.jp w{n:06d}" for n in range(count))


def _hosts_many_names(count: int) -> Iterable[str]:
    return (f"10.0.0.1 {_mixed(n)}" for n in range(count))


def _hosts_same_name(count: int) -> Iterable[str]:
    return (f"{_address(n)} www" for n in range(count))


def _hosts_left(count: int) -> Iterable[str]:
    return (f"127.0.0.1 {_mixed(n)} # {n}" for n in range(count))


def _hosts_illegal(count: int) -> Iterable[str]:
    return (f"{_address(n)} {'_' * (n % 50)}Ä" for n in range(count))


def _genders(count: int) -> Iterable[str]:
    return (f"w{n:06d} web,rack=r{n // 40},weight={n % 50},addr={_address(n)}" for n in range(count))


def _genders_attributes(count: int) -> Iterable[str]:
    return (f"{_mixed(n)} a{n}" for n in range(count))


def _genders_values(count: int) -> Iterable[str]:
    return (f"w1 p{n}={n}" for n in range(count))


def _genders_ranges(count: int) -> Iterable[str]:
    return (f"w[1-{count}] a" if n % 2 else f"w[1-{count // 2}] b{n}" for n in range(count))


def _ini(count: int) -> Iterable[str]:
    yield "[web]"
    yield from (f"w{n:06d} ansible_host={_address(n)} http_port={n % 50}" for n in range(count - 3))
    yield from ("[web:vars]", "proxy=p1")


def _ini_groups(count: int) -> Iterable[str]:
    for n in range(count // 4):
        yield from (f"[g{n}]", _mixed(n), f"[g{n}:children]", f"g{n + 1}")


def _ini_quotes(count: int) -> Iterable[str]:
    return (f"w{n} a='open {'x' * 50}" for n in range(count))


def _ini_ranges(count: int) -> Iterable[str]:
    return (f"w[1:{100_000}] a={n}" for n in range(count))


def _ini_literals(count: int) -> Iterable[str]:
    return (f"w{n:06d} a=\"[{n}, '{n}', 3]\"" for n in range(count))


def _yaml(count: int) -> Iterable[str]:
    yield from ("all:", "  children:", "    web:", "      hosts:")
    for n in range((count - 4) // 3):
        yield from (f"        w{n:06d}:", f"          ansible_host: {_address(n)}", f"          http_port: {n % 50}")


def _yaml_groups(count: int) -> Iterable[str]:
    yield from ("all:", "  children:")
    for n in range((count - 2) // 3):
        yield from (f"    g{n}:", "      hosts:", f"        {_mixed(n)}:")


def _yaml_aliases(count: int) -> Iterable[str]:
    yield from ("all:", "  hosts:", "    w0: &w", "      a: 1")
    yield from (f"    {_mixed(n)}: *w" for n in range(count - 4))


def _ssh(count: int) -> Iterable[str]:
    for n in range(count // 3):
        yield from (f"Host w{n:06d}", f"  HostName {_address(n)}", "  User root")


def _ssh_patterns(count: int) -> Iterable[str]:
    for n in range(count // 4):
        yield from (
            f"Host {_mixed(n)}",
            f"  HostName {_address(n)}",
            f"Host w{n}* !w{n}1",
            f"  Port {1000 + n % 60000}",
        )


def _ssh_many_names(count: int) -> Iterable[str]:
    for n in range(count // 2):
        yield from (f"Host w{n} *", "  User u")


def _csv(count: int) -> Iterable[str]:
    yield "name,ip,role,rack,weight,note"
    yield from (f"w{n:06d},{_address(n)},web db,r{n // 40},{n % 50},machine {n}" for n in range(count - 1))


def _csv_one_host(count: int) -> Iterable[str]:
    yield "name,ip,role,note"
    yield from (f"w1,{_address(n)},role{n},note {n}" for n in range(count - 1))


def _csv_open_quote(count: int) -> Iterable[str]:
    yield "name,note"
    yield from (f'w{n},"open {n}' for n in range(count - 1))


def _csv_columns(count: int) -> Iterable[str]:
    yield "name," + ",".join(f"c{n}" for n in range(1000))
    yield from (f"{_mixed(n)},{',' * (n % 1000)}{n}" for n in range(count - 1))


def _keepalived(count: int) -> Iterable[str]:
    yield from ("vrrp_instance V {", " interface eth0", " virtual_router_id 7", "}")
    for n in range(count // 100):
        yield from (f"virtual_server 203.{n >> 16}.{n >> 8 & 255}.{n & 255} 80 {{", " lb_kind DR", " protocol TCP")
        for m in range(24):
            yield from (f" real_server {_address(n * 24 + m)} 80 {{", "  TCP_CHECK { ", "  }", " }")
        yield "}"


def _keepalived_one(count: int) -> Iterable[str]:
    yield from ("virtual_server 203.0.113.1 80 {", " lb_kind DR", " protocol TCP")
    yield from (f" real_server {_address(n)} 80 {{ weight {n % 100} \n }}" for n in range(count // 2))
    yield "}"


def _keepalived_vips(count: int) -> Iterable[str]:
    for n in range(count // 2):
        yield from (f"virtual_server {_address(n)} 80 {{ lb_kind DR \n protocol TCP \n real_server 10.200.0.1 80 }}",)


def _keepalived_nested(count: int) -> Iterable[str]:
    yield from ("x {" for _ in range(count // 2))
    yield from ("}" for _ in range(count // 2))


def _keepalived_defines(count: int) -> Iterable[str]:
    yield "$a0=x"
    yield from (f"$a{n}=$a{n - 1}" for n in range(1, count // 2))
    yield from (f"$b{n} $a{n}" for n in range(count // 2))


SHAPES: dict[str, tuple[str, Callable[[int], Iterable[str]]]] = {
    "hosts": ("hosts", _hosts),
    "hosts: names of one address": ("hosts", _hosts_many_names),
    "hosts: addresses of one name": ("hosts", _hosts_same_name),
    "hosts: nothing to carry over": ("hosts", _hosts_left),
    "hosts: names made legal": ("hosts", _hosts_illegal),
    "genders": ("genders", _genders),
    "genders: an attribute a host": ("genders", _genders_attributes),
    "genders: values of one host": ("genders", _genders_values),
    "genders: long ranges": ("genders", _genders_ranges),
    "ansible INI": ("ansible", _ini),
    "ansible INI: nested groups": ("ansible", _ini_groups),
    "ansible INI: open quotes": ("ansible", _ini_quotes),
    "ansible INI: long ranges": ("ansible", _ini_ranges),
    "ansible INI: lists": ("ansible", _ini_literals),
    "ansible YAML": ("ansible", _yaml),
    "ansible YAML: a group a host": ("ansible", _yaml_groups),
    "ansible YAML: aliases": ("ansible", _yaml_aliases),
    "ssh_config": ("ssh_config", _ssh),
    "ssh_config: patterns": ("ssh_config", _ssh_patterns),
    "ssh_config: * everywhere": ("ssh_config", _ssh_many_names),
    "csv": ("csv", _csv),
    "csv: rows of one host": ("csv", _csv_one_host),
    "csv: open quotes": ("csv", _csv_open_quote),
    "csv: a thousand columns": ("csv", _csv_columns),
    "keepalived": ("keepalived", _keepalived),
    "keepalived: one VIP": ("keepalived", _keepalived_one),
    "keepalived: VIPs alone": ("keepalived", _keepalived_vips),
    "keepalived: nested blocks": ("keepalived", _keepalived_nested),
    "keepalived: definitions": ("keepalived", _keepalived_defines),
}


def cpu(command: list[str], environment: dict[str, str]) -> tuple[float, int, int]:
    """Seconds of CPU, peak mebibytes and exit status of one run of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, process.returncode


def main() -> None:
    """Print a row for each shape."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    wanted = sys.argv[2:] or list(SHAPES)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = ":".join(PACKAGES)
    with tempfile.TemporaryDirectory() as folder:
        environment["PYTHONPYCACHEPREFIX"] = f"{folder}/pyc"
        path = Path(folder, "source")
        for shape in wanted:
            kind, make = SHAPES[shape]
            path.write_text("".join(f"{line}\n" for line in make(lines)))
            written = path.read_bytes().count(b"\n")
            own = [sys.executable, "-m", "matrix_console", "import", kind, str(path)]
            taken = [cpu(own, environment) for _ in range(RUNS)]
            words = min(cpu([sys.executable, "-c", WORDS, str(path)], environment)[0] for _ in range(RUNS))
            least = min(taken)
            ended = f"  ended with {least[2]}" if least[2] else ""
            cost = f"{least[0]:7.2f} s {least[1]:5} MiB {least[0] / words:6.1f} x words"
            print(f"{shape:32} {written:>8,} lines {cost}{ended}", flush=True)


if __name__ == "__main__":
    main()
