"""Key exchanges that a host may offer alone, and that paramiko knows by another name or of another size."""

from __future__ import annotations

from functools import cache
from typing import Any

import paramiko
from paramiko.kex_curve25519 import KexCurve25519
from paramiko.kex_group16 import KexGroup16SHA512


@cache
def modp_8192() -> int:
    """The prime of the 8192-bit group of RFC 3526 section 7, by its formula."""
    digits_of_pi = _floor_of_pi(8192 - 130)
    return (1 << 8192) - (1 << 8192 - 64) - 1 + ((digits_of_pi + 4743158) << 64)


def _floor_of_pi(bits: int) -> int:
    """π times 2 to the power of `bits`, rounded down: by Machin's formula, with bits to spare."""
    one = 1 << (bits + 64)

    def arc_cotangent(number: int) -> int:
        power = total = one // number
        divisor, sign = 3, -1
        while power:
            power //= number * number
            total += sign * (power // divisor)
            divisor, sign = divisor + 2, -sign
        return total

    return 4 * (4 * arc_cotangent(5) - arc_cotangent(239)) >> 64


class KexGroup18SHA512(KexGroup16SHA512):
    """diffie-hellman-group18-sha512 (RFC 8268)."""

    name = "diffie-hellman-group18-sha512"

    @property
    def P(self) -> int:  # type: ignore[override]
        """The prime, reckoned when a host first wants it."""
        return modp_8192()


_FURTHER: dict[str, Any] = {
    "curve25519-sha256": KexCurve25519,  # RFC 8731: the name that came after @libssh.org, and all that some offer
    "diffie-hellman-group18-sha512": KexGroup18SHA512,
}

EXCHANGES: dict[str, Any] = {**paramiko.Transport._kex_info, **_FURTHER}  # type: ignore[attr-defined]

_FIRST = ("mlkem768x25519-sha256", "ecdh-sha2-nistp256", "curve25519-sha256")

ORDER = (
    *_FIRST,
    *(name for name in paramiko.Transport._preferred_kex if name not in _FIRST),  # type: ignore[attr-defined]
    "diffie-hellman-group18-sha512",
)
"""What goes before all else: the hybrid that holds out against quantum computers, where a host knows it; then P-256,
which sshd leaves to OpenSSL, while its own X25519 takes a sixth of all that a login costs a host. The largest group,
which costs both most, goes last."""
