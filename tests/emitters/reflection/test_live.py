"""Balancers at work over loopback: traffic goes to members in service by their weights, access is the roles'."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from apache import Apache
from loopback import get, page_servers, serving, who_answers
from matrix_ports import free_port
from reflecting import SURROUNDINGS, errors, only

POOL = """
    w1  127.0.0.11  weight=2
    w2  127.0.0.12  [STOP: disk]
    w3  127.0.0.13  weight=0
    w4  127.0.0.14  weight=1  [WARN: fan]
"""
SHARES = {"127.0.0.11": 6, "127.0.0.14": 3}


@pytest.fixture
def members() -> Iterator[int]:
    """The port on which each member of the pool says who it is."""
    with page_servers() as port:
        yield port


@pytest.mark.needs("apache2ctl")
def test_httpd(tmp_path: Path, members: int) -> None:
    port, pages = free_port(), tmp_path / "pages"
    for name in ("open", "admin"):
        (pages / name).mkdir(parents=True)
        (pages / name / "index.html").write_text(name)
    found = only(
        "httpd",
        f"""
[www] httpd.name=www.example.jp httpd.port={port} httpd.root={pages} httpd.proxy="/app/ ps" httpd.allow="/admin adm"
    web1  127.0.0.1  [httpd]
[ps] port={members}
{POOL}
[adm]
    adm1  127.0.0.2
""",
    )
    assert errors(found) == []
    apache = Apache(tmp_path)
    assert apache.check(found).returncode == 0
    with serving(apache.start(port), port):
        assert get(port, "/open/") == (200, "open")
        assert get(port, "/admin/", source="127.0.0.2") == (200, "admin")
        assert get(port, "/admin/", source="127.0.0.3")[0] == 403
        assert who_answers(port, "/app/x") == SHARES


@pytest.mark.needs("nginx")
def test_nginx(tmp_path: Path, members: int) -> None:
    port = free_port()
    found = only("nginx", f"[nginx]\n    p1 127.0.0.1\n[ps] port={members} nginx.upstream=pages\n{POOL}")
    assert errors(found) == []
    (tmp_path / "upstreams").write_bytes(found.content)
    folders = "".join(f"{key}_temp_path {tmp_path};\n" for key in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        "daemon off;\nmaster_process off;\nevents {}\n"
        f"pid {tmp_path}/pid;\n"
        f"http {{\naccess_log off;\n{folders}include {tmp_path}/upstreams;\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://pages; }} }}\n}}\n"
    )
    command = ["nginx", "-q", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    server = subprocess.Popen(command, env=SURROUNDINGS, text=True, stderr=subprocess.PIPE)
    with serving(server, port):
        assert who_answers(port, "/x") == SHARES


@pytest.mark.needs("haproxy")
def test_haproxy(tmp_path: Path, members: int) -> None:
    vip = "127.0.0.21"
    port = free_port(vip)
    found = only(
        "haproxy",
        f"[haproxy]\n    p1 127.0.0.1\n[ps] vip={vip}:{port} port={members} haproxy.mode=http check=none\n{POOL}",
        **{"global": ["maxconn 100"], "defaults": ["timeout connect 9s", "timeout client 9s", "timeout server 9s"]},
    )
    assert errors(found) == []
    (tmp_path / "haproxy.cfg").write_bytes(found.content)
    command = ["haproxy", "-db", "-q", "-f", str(tmp_path / "haproxy.cfg")]
    server = subprocess.Popen(command, env=SURROUNDINGS, text=True, stderr=subprocess.PIPE)
    with serving(server, port, vip):
        assert who_answers(port, "/x", vip) == SHARES
