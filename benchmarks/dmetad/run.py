"""dmetad beside nginx serving the same bytes as a file: one core for the server, wrk on the other, in turn, in one run.

usage: python benchmarks/dmetad/run.py [SECONDS]     needs two cores; nginx, wrk and taskset it installs
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [
    str(HERE),
    str(HERE.parent),
    *(str(HERE.parents[1] / f"tests/{part}") for part in ("dmetad/serving", "plugins")),
]

from dmetad_server import EXAMPLE, Running, running  # noqa: E402 - found by the line above
from needs import need  # noqa: E402 - in the folder above
from nginx_beside import nginx  # noqa: E402 - beside this file

ROUNDS = 3
RELOADS = 7
CONNECTIONS = 32
WAITERS = 2_000
TICKS = os.sysconf("SC_CLK_TCK")
UNLIMITED = ("--rate", "100000000")


def main() -> None:
    """Print every figure with what is promised."""
    seconds = int(sys.argv[1]) if sys.argv[1:] else 4
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("benchmarks/dmetad needs two cores: one for the server, one for wrk")
    need("nginx", "wrk", "taskset")
    first_in_line()
    server_core, client_core = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, {server_core})  # what is started from here on runs there
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder, "-f", str(EXAMPLE), *UNLIMITED) as server:
            body = server.get("/ps/node")
            with nginx(folder, body.body, body.headers["Content-Type"]) as (master, port):
                os.sched_setaffinity(0, {client_core})
                throughput(server, master, port, seconds)
        os.sched_setaffinity(0, {server_core})
        waking(folder, client_core)
        os.sched_setaffinity(0, {server_core})
        big(folder, client_core)


def first_in_line() -> None:
    """Where that is allowed, all that is measured runs before what else this machine does (nice(2), sched(7))."""
    with contextlib.suppress(OSError):
        os.setsid()
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("-20", encoding="ascii")
        os.nice(-20)


def cpu(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def wrk(port: int, seconds: int, delay: int = 0, connections: int = CONNECTIONS) -> tuple[int, float]:
    """Requests answered, and the 99th percentile of their latency in milliseconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"function delay() return {delay} end\n" if delay else "")
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        command += ["-s", script.name] if delay else []
        told = subprocess.run(
            [*command, f"http://127.0.0.1:{port}/ps/node"], capture_output=True, text=True, check=True
        )
    assert "Non-2xx" not in told.stdout, told.stdout
    assert "Socket errors" not in told.stdout, told.stdout
    found = re.search(r"99%\s+([0-9.]+)(us|ms|s)", told.stdout)
    requests = re.search(r"(\d+) requests in", told.stdout)
    assert found
    assert requests
    return int(requests[1]), float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def throughput(server: Running, nginx_worker: int, nginx_port: int, seconds: int) -> None:
    """Requests per CPU second at full load, then the latency of both at half of what dmetad can."""
    peers = {"dmetad": (server.process.pid, server.port), "nginx": (nginx_worker, nginx_port)}
    per_second: dict[str, list[float]] = {name: [] for name in peers}
    rates: dict[str, list[float]] = {name: [] for name in peers}
    for port in (server.port, nginx_port):
        wrk(port, 1)
    for _ in range(ROUNDS):
        for name, (process, port) in peers.items():
            before = cpu(process)
            requests, _ = wrk(port, seconds)
            per_second[name].append(requests / (cpu(process) - before))
            rates[name].append(requests / seconds)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(*per_second.values(), strict=True))
    for name in peers:
        each = statistics.median(per_second[name])
        most = max(rates[name])
        print(f"{name:7} {each:9,.0f} requests per CPU second ({1e6 / each:.1f} us each), {most:,.0f} a second")
    print(f"requests per CPU second, dmetad / nginx: {ratio:.2f} (at least 0.6, aim 1.0)")
    connections = max(8, round(statistics.median(rates["dmetad"]) / 2 * 0.002))
    latencies: dict[str, list[float]] = {name: [] for name in peers}
    reached = 0.0
    for _ in range(ROUNDS):
        for name, (_process, port) in peers.items():
            requests, p99 = wrk(port, seconds, delay=2, connections=connections)
            latencies[name].append(p99)
            reached = max(reached, requests / seconds)
    ours, theirs = (statistics.median(latencies[name]) for name in peers)
    print(f"p99 at {reached:,.0f} a second (half load): dmetad {ours:.2f} ms, nginx {theirs:.2f} ms, "
          f"ratio {ours / theirs:.2f} (at most 3, aim 1.5)")  # fmt: skip


def waking(folder: Path, client_core: int) -> None:
    """From an edit to the answer of the last of those who waited for it."""
    matrix = folder / "waking.matrix"
    write(matrix, "[ps]\n  w1 10.0.0.1\n")
    times = []
    with running(folder, "-f", str(matrix), *UNLIMITED) as server:
        os.sched_setaffinity(0, {client_core})
        for turn in range(ROUNDS):
            sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(WAITERS)]
            for each in sockets:
                each.sendall(b"GET /ps/node?wait=60s HTTP/1.1\r\nHost: meta\r\n\r\n")
            while server.metric("waiting") < WAITERS:
                time.sleep(0.05)
            with selectors.EpollSelector() as selector:
                for each in sockets:
                    selector.register(each, selectors.EVENT_READ)
                write(matrix, f"[ps]\n  w{turn + 2} 10.0.0.1\n")
                started = time.perf_counter()
                server.process.send_signal(signal.SIGHUP)
                left = WAITERS
                while left:
                    for key, _ in selector.select():
                        assert b" 200 OK" in key.fileobj.recv(4096)  # type: ignore[union-attr]
                        selector.unregister(key.fileobj)
                        left -= 1
                times.append(1000 * (time.perf_counter() - started))
            for each in sockets:
                each.close()
    print(f"waking {WAITERS:,} waiters, edit to last answer: {statistics.median(times):.0f} ms (at most 100, aim 50)")


def big(folder: Path, client_core: int) -> None:
    """Memory with ten thousand hosts, and how long answers pause while these are loaded anew."""
    matrix = folder / "big.matrix"
    write(matrix, ten_thousand(1))
    with running(folder, "-f", str(matrix), *UNLIMITED) as server:
        os.sched_setaffinity(0, {client_core})
        memory = [server.resident]
        for turn in range(RELOADS):
            edit(server, matrix, ten_thousand(1).replace(" 10.3.4.50 ", f" 10.3.4.50  [STOP: {turn}] "))
        memory.append(server.resident)
        quiet = [longest_pause(server.port, 0.8, lambda: None) for _ in range(RELOADS)]
        pauses = [edit(server, matrix, ten_thousand(turn)) for turn in range(2, 2 + RELOADS)]
        memory.append(server.resident)
    at_rest, edited, anew = (round(each / 1024) for each in memory)
    print(f"memory with 10,000 hosts: {at_rest} MiB, after {RELOADS} edits of a line {edited} MiB, "
          f"after {RELOADS} of every line {anew} MiB (at most 150, aim 80)")  # fmt: skip
    print(f"reload at 10,000 hosts, all edited, longest pause of answers: median {statistics.median(pauses):.1f} "
          f"ms, worst of {RELOADS} {max(pauses):.1f} ms (at most 20, aim 5); without a reload, as long: median "
          f"{statistics.median(quiet):.1f} ms, worst {max(quiet):.1f} ms")  # fmt: skip


def edit(server: Running, matrix: Path, text: str) -> float:
    """Write a text, and give the longest pause in milliseconds until it is loaded and the old one is freed."""
    write(matrix, text)
    wanted = server.metric("loads_total") + 1
    loading = longest_pause(server.port, 0.0, server.reload, until=partial(loaded, server, wanted))
    return max(loading, longest_pause(server.port, 0.3, lambda: None))


def loaded(server: Running, wanted: float) -> bool:
    return server.metric("loads_total") >= wanted


def longest_pause(
    port: int, seconds: float, start: Callable[[], None], until: Callable[[], bool] | None = None
) -> float:
    """The longest time in milliseconds that one of many requests in a row took, from `start` until its end."""
    request = b"GET /role1/vip HTTP/1.1\r\nHost: meta\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as asking:
        asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asking.sendall(request)
        asking.recv(65536)
        start()
        begun = looked = time.perf_counter()
        longest = 0.0
        while True:
            sent = time.perf_counter()
            asking.sendall(request)
            assert asking.recv(65536).startswith(b"HTTP/1.1 200")
            now = time.perf_counter()
            longest = max(longest, now - sent)
            if until is None and now - begun > seconds:
                return 1000 * longest
            if until is not None and now - looked > 0.2:
                if until():
                    return 1000 * longest
                looked = time.perf_counter()


def ten_thousand(turn: int) -> str:
    """A MATRIX of ten thousand hosts, a line each."""
    lines = ["@domain big.example", "@default os=debian ssh.user=root", "@property ipmi ip"]
    for site in range(10):
        lines.append(f"@site s{site}")
        for rack in range(10):
            lines += [f"@rack r{rack}", f"[role{rack}]  vip=10.200.{site}.{rack}:80 sched=wlc"]
            lines += (
                f"    n{site}-{rack}-{n:03d}  10.{site}.{rack}.{n}  "
                f"weight={(n + turn) % 256} ipmi=11.{site}.{rack}.{n} [cache]"
                for n in range(1, 101)
            )
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Put a text in place at once, as an editor that is careful does."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


if __name__ == "__main__":
    main()
