"""How much a host may say that says nothing: IGNORE, DEBUG, requests to all, windows, new keys, unknown messages."""

from __future__ import annotations

import time
from collections.abc import Callable

from paramiko import SSHException

_PATIENCE = 1000.0
_RECOVERY = 20.0
_OF_KEYS = 50.0
OF_LARGE_NUMBERS = 200.0
"""What an exchange of keys over a group of integers counts besides: it takes a third of a second."""
_MOST_EXPECTED = 100_000.0
_KIB = 1024
_KEXINIT = 20


class Noise:
    """Counts what brings a command no further: a host may send some of it at once, and a little for ever.

    A message counts one, and one for each KiB; a new exchange of keys, which costs much to answer, counts 50. 1,000 are
    forgiven at once, and 20 in a second, which keep-alives, banners and rekeying after each 64 MB stay far below.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._level = 0.0
        self._since = clock()

    def heard(self, kind: int, size: int) -> None:
        """Such a message came, of that many bytes. Raises SSHException when there were too many."""
        self._add((_OF_KEYS if kind == _KEXINIT else 1.0) + size / _KIB, kind)

    def reckoned(self, count: float) -> None:
        """An exchange of keys costs as much as so many messages more. Raises SSHException when there were too many."""
        self._add(count, _KEXINIT)

    def _add(self, count: float, kind: int) -> None:
        self._level += count
        if self._level <= _PATIENCE:
            return
        now = self._clock()
        self._level = max(0.0, self._level - _RECOVERY * (now - self._since))
        self._since = now
        if self._level > _PATIENCE:
            raise SSHException(f"it floods: over {_PATIENCE:,.0f} messages that say nothing, the last of type {kind}")

    def expect(self, count: float) -> None:
        """So many messages may follow from what we said."""
        self._level = max(-_MOST_EXPECTED, self._level - count)
