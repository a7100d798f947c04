"""An address with a port as text: IPv6 addresses stand in brackets (RFC 3986, section 3.2.2)."""

from __future__ import annotations


def bracketed(address: str) -> str:
    """An address, or a name, as it stands before `:PORT`."""
    return f"[{address}]" if ":" in address else address


def endpoint(address: str, port: int | str) -> str:
    """`10.0.0.1:80`, `[2001:db8::1]:80`."""
    return f"{bracketed(address)}:{port}"
