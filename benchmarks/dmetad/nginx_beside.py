"""The peer: nginx, which serves the same bytes as a file."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

SEARCH = os.environ.get("PATH", "") + ":/usr/sbin"


@contextlib.contextmanager
def nginx(folder: Path, body: bytes, kind: str) -> Iterator[tuple[int, int]]:
    """Nginx with one worker and all that makes a small file fast; its worker's id and its port."""
    (folder / "ps").mkdir()
    (folder / "ps/node").write_bytes(body)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.chmod(0o755)
    settings = folder / "nginx.conf"
    settings.write_text(
        f"""worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 4096; }}
        http {{ access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; etag on;
          open_file_cache max=100 inactive=1h; open_file_cache_valid 1h;
          default_type "{kind.partition(";")[0]}"; charset utf-8;
          client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
          uwsgi_temp_path {folder}; scgi_temp_path {folder};
          server {{ listen 127.0.0.1:{port}; root {folder}; }} }}""",
        encoding="utf-8",
    )
    command = [
        shutil.which("nginx", path=SEARCH) or "nginx",
        "-c",
        str(settings),
        "-p",
        str(folder),
        "-e",
        str(folder / "e"),
    ]
    process = subprocess.Popen(command)
    try:
        until = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert time.monotonic() < until, "nginx does not start"
            time.sleep(0.05)
        worker = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()[0])
        yield worker, port
    finally:
        process.terminate()
        process.wait(20)
