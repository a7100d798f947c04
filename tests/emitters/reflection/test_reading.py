"""The readers behind our own checks read what their programs read: the configurations that Debian ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix_emitters.reflection.kinds.haproxy.language import parse_haproxy
from matrix_emitters.reflection.kinds.httpd.language import parse_httpd
from matrix_emitters.reflection.kinds.nginx.language import parse_nginx


def texts(folder: str, *patterns: str) -> list[str]:
    files = sorted(file for pattern in patterns for file in Path(folder).glob(pattern) if file.is_file())
    return [file.read_text("utf-8", "replace") for file in files]


@pytest.mark.needs("apache2")
def test_httpd() -> None:
    found = texts("/etc/apache2", "apache2.conf", "*-available/*")
    assert len(found) > 100
    words = {one.words[0] for text in found for one in parse_httpd(text)}
    assert {"LoadModule", "IfModule", "VirtualHost"} <= words


@pytest.mark.needs("nginx")
def test_nginx() -> None:
    found = texts("/etc/nginx", "nginx.conf", "*_params", "snippets/*", "sites-available/*")
    assert len(found) > 4
    words = {one.words[0] for text in found for one in parse_nginx(text)}
    assert {"http", "events", "fastcgi_param", "server"} <= words


@pytest.mark.needs("haproxy")
def test_haproxy() -> None:
    (found,) = texts("/etc/haproxy", "haproxy.cfg")
    assert [one.words for one in parse_haproxy(found)] == [("global",), ("defaults",)]
