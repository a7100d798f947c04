"""The properties that matrix.toml has to allow, known without the reflectors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

JUDGED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"keepalived": ("check=misc:",), "httpd": ("httpd.include", "httpd.root", "httpd.env")}
)
"""By the built-in that makes something of them; of one only values that begin so."""
