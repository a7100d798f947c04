"""What the daemon tells beside its log: figures for Prometheus, readiness and signs of life for systemd."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from matrix_parts import require
from matrix_ports import free_port

from matrix_common.service.systemd import Notifier
from matrix_common.trouble import Trouble
from matrix_distributor import DistributorError
from matrix_distributor.generation import OriginFile, next_generation
from matrix_distributor.hosts import Outcome
from matrix_distributor.reflect import ReflectOutcome
from matrix_distributor.watch.reporting.metrics import Metrics
from matrix_distributor.watch.reporting.metrics_server import MetricsServer
from matrix_grammar.reading import loads

UNIT = Path(__file__).parents[3] / "distributor/systemd/matrixd.service"


def figures(text):
    """Samples by name and labels, after a look at the form of every line."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            match = re.fullmatch(
                r'([a-z_]+(?:\{[a-z]+="(?:[^"\\]|\\.)*"(?:,[a-z]+="(?:[^"\\]|\\.)*")*\})?) ([-+.0-9e]+)', line
            )
            assert match, line
            assert match[1] not in found, f"{match[1]} twice"
            found[match[1]] = float(match[2])
    return found


def ask(port, path="/metrics"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return figures(answer.read().decode())


def test_a_host_that_an_entry_is_for_no_more_is_no_figure_of_it():
    text = "[ps]\n    w1  192.0.2.1\n    w2  192.0.2.2\n"
    texts = [OriginFile(Path("MATRIX"), text.encode())]
    generation = next_generation(loads(text), texts, parent=None, author="ann", now=datetime.now(UTC))
    metrics = Metrics()
    metrics.aim(generation, ["w1", "w2"], {("lb", "w1"), ("lb", "w2")})
    for host, result in (("w1", "ok"), ("w2", "failed")):
        metrics.reflected(ReflectOutcome(host=host, result=result, entry="lb", path="/etc/lb.conf"))
    assert 'matrix_reflected_hosts{entry="lb",result="failed"} 1' in metrics.render()
    metrics.aim(generation, ["w1", "w2"], {("lb", "w1")})
    figures_now = figures(metrics.render())
    assert figures_now['matrix_reflected_hosts{entry="lb",result="ok"}'] == 1
    assert 'matrix_reflected_hosts{entry="lb",result="failed"}' not in figures_now


def test_the_figures_follow_what_happens(site):
    port = free_port()
    site.settings(metrics=f"127.0.0.1:{port}")
    site.watch()
    site.await_event("pushed")
    first = ask(port)
    assert first["matrix_generation"] == 1
    assert first['matrix_hosts{result="current"}'] == 2
    assert first["matrix_edit_seconds_count"] == first['matrix_edit_seconds_bucket{le="+Inf"}'] == 1
    assert 0 < first["matrix_edit_seconds_sum"] < 30
    assert first["matrix_text_good"] == 1
    assert abs(first["matrix_generation_timestamp_seconds"] - time.time()) < 60
    assert first["process_resident_memory_bytes"] > 1e6
    site.fleet.down("w2")
    try:
        site.rewrite(2)
        site.await_event("host-unreachable")
        site.await_true(lambda: ask(port).get('matrix_hosts{result="unreachable"}') == 1)
        assert ask(port)['matrix_host_trouble{host="w2",result="unreachable",stage="connect"}'] == 1
    finally:
        site.fleet.up("w2")
    site.await_true(lambda: ask(port)['matrix_hosts{result="current"}'] == 2)
    assert 'matrix_hosts{result="unreachable"}' not in ask(port)
    site.matrix.write_text("[[\n")
    site.await_true(lambda: ask(port)["matrix_text_good"] == 0)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(port, "/other")


def test_the_place_may_change_while_it_runs_and_a_taken_one_is_not_taken_over(site):
    ports = free_port(), free_port()
    site.settings(metrics=f"127.0.0.1:{ports[0]}")
    site.watch()
    site.await_event("pushed")
    site.settings(metrics=f"127.0.0.1:{ports[1]}")
    site.process.send_signal(signal.SIGHUP)
    site.await_event("settings", level="info")
    assert ask(ports[1])["matrix_generation"] >= 1
    with pytest.raises(urllib.error.URLError):
        ask(ports[0])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        site.settings(metrics=f"127.0.0.1:{other.getsockname()[1]}")
        site.process.send_signal(signal.SIGHUP)
        assert "cannot serve metrics" in site.await_event("settings", level="error")["message"]
    assert ask(ports[1])["matrix_generation"] >= 1


@pytest.mark.parametrize(
    "place", ["0.0.0.0:9464", "192.0.2.1:1", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", ":9464"]
)
def test_figures_are_for_this_machine_alone(place):
    with pytest.raises(DistributorError, match="loopback"):
        MetricsServer(place, Metrics())


@pytest.fixture
def served():
    server = MetricsServer("127.0.0.1:0", Metrics(), ("prom.example.jp",))
    yield server
    server.close()


def test_idle_connections_keep_no_scraper_out(served):
    """An attempt of the review: 600 were held open, and the scraper got nothing as long as they were."""
    with contextlib.ExitStack() as stack:
        for sent in (b"", b"GET /metr"):
            for _ in range(600):
                held = stack.enter_context(socket.create_connection(("127.0.0.1", served.port), 5))
                with contextlib.suppress(ConnectionError):
                    held.sendall(sent)
            for _ in range(3):
                assert "matrix_text_good" in ask(served.port)
        assert threading.active_count() < 20


def test_a_client_has_so_long_to_ask_and_to_take_the_answer(served):
    for sent in (b"", b"GET /metrics HTTP/1.1\r\nHost: localh"):
        with socket.create_connection(("127.0.0.1", served.port), 30) as slow:
            slow.sendall(sent)
            assert slow.recv(1) == b""
    assert "matrix_text_good" in ask(served.port)


def said(port, request):
    with socket.create_connection(("127.0.0.1", port), 30) as asking:
        asking.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            return b"".join(iter(lambda: asking.recv(65536), b"")).split(b" ", 2)[1]
        return b""


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"localhost:9464", b"200"), (b"127.0.0.1", b"200"), (b"[::1]:1", b"200"), (b"127.0.0.2:1", b"200"),
        (b"a.localhost.", b"200"), (b"PROM.example.jp", b"200"), (b"evil.example.net", b"421"),
        (b"127.0.0.1.evil.example.net", b"421"), (b"10.0.0.1", b"421"), (b"", b"421"),
    ],
)  # fmt: skip
def test_only_hosts_of_loopback_are_answered_for_so_that_rebinding_fails(served, host, status):
    assert said(served.port, b"GET /metrics HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") == status
    both = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nhost: " + host + b"\r\n\r\n"
    assert said(served.port, both) == status


def test_what_is_no_request_for_them_is_told_so(served):
    assert said(served.port, b"GET /metrics HTTP/1.0\n\n") == b"200"
    assert said(served.port, b"GET /other HTTP/1.0\r\n\r\n") == b"404"
    for odd in (b"\x00" * 9000, b"POST /metrics HTTP/1.1\r\n\r\n", b"GET /metrics\r\n\r\n", b"\r\n\r\n"):
        assert said(served.port, odd) in (b"400", b"")


def test_figures_of_any_length_are_sent_to_who_takes_them_slowly(served, monkeypatch):
    long = "# " + "x" * 5_000_000 + "\n"
    monkeypatch.setattr(Metrics, "render", lambda self: long)
    with socket.create_connection(("127.0.0.1", served.port), 30) as asking:
        asking.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        taken = b"".join(iter(lambda: asking.recv(4096), b""))
    assert taken.endswith(b"\r\n\r\n" + long.encode())


def test_hostile_names_stay_within_their_quotes(generation):
    metrics = Metrics()
    made = generation(1)
    metrics.aim(made, ['a"b\\c\nd'])
    metrics.take(Outcome('a"b\\c\nd', "failed", trouble=Trouble("login")))
    assert 'matrix_host_trouble{host="a\\"b\\\\c\\nd",result="failed",stage="login"}' in figures(metrics.render())


class Manager:
    """What systemd is to a service: it hears what it says."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def until(self, word):
        heard = []
        while word not in heard:
            heard += self.socket.recv(4096).decode().splitlines()
        return heard


def test_systemd_hears_that_it_is_ready_alive_reloading_and_stopping(site, tmp_path):
    with Manager(tmp_path) as manager:
        site.watch(NOTIFY_SOCKET=str(manager.path), WATCHDOG_USEC="600000")
        heard = manager.until("READY=1")
        assert any(line.startswith("STATUS=generation 1 on ") for line in (*heard, *manager.until("WATCHDOG=1")))
        began = time.monotonic()
        for _ in range(5):
            manager.until("WATCHDOG=1")
        assert time.monotonic() - began < 5 * 0.6, "each well before the watchdog's time"
        assert site.process is not None
        site.process.send_signal(signal.SIGHUP)
        heard = manager.until("RELOADING=1")
        assert any(re.fullmatch(r"MONOTONIC_USEC=\d+", line) for line in manager.until("READY=1") + heard)
        site.process.send_signal(signal.SIGTERM)
        manager.until("STOPPING=1")
    site.stop()


def test_a_watchdog_that_is_another_processs_is_not_ours():
    said = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}
    assert Notifier(said, 2).interval is None
    assert Notifier(said, 1).interval == 1.0
    Notifier(said, 1).alive()  # nobody listens there, which is no error
    assert Notifier({}, 1).interval is None


def test_the_unit_is_right_and_hardened(tmp_path):
    require("systemd-analyze")
    unit = tmp_path / UNIT.name
    shutil.copy(UNIT, unit)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    ours = [line for line in verified.stderr.splitlines() if "matrixd" in line]
    assert ours == []
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)], capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert exposure, judged.stderr
    assert float(exposure[1]) < 2.0
