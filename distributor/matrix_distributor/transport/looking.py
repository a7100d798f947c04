"""Which keys hosts show, beside those that are known: looked at before any login, and remembered when told to."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target, Timeouts
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck, HostKeyRefused
from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts, KnownKey
from matrix_distributor.transport.hostkeys.look import Looker

from .options import SSHOptions
from .pool import Pool

KeyResult = Literal["same", "new", "changed", "revoked", "refused"]


@dataclass(frozen=True, slots=True)
class ShownKey:
    """The key that a host shows, and what is thought of it.

    `result` is what a login would meet: `same` it is let in, `new` nothing is known of the host, `changed` another key
    is known, `revoked`, `refused` a certificate that is not right. A key that is let in and differs from all that the
    MATRIX gives of its type is `changed` too. `known` are the keys of known_hosts, `given` those of the MATRIX.
    `type`, `fingerprint` and `blob` are the key itself, also where a certificate is shown.
    """

    host: str
    type: str
    fingerprint: str
    result: KeyResult
    cause: str
    cure: str
    known: tuple[KnownKey, ...]
    given: tuple[KnownKey, ...]
    names: tuple[str, ...]
    port: int
    blob: bytes
    files: KnownHosts

    @property
    def as_given(self) -> bool:
        """Whether it is a key that the MATRIX gives."""
        return any(key.fingerprint == self.fingerprint for key in self.given)

    @property
    def in_known_hosts(self) -> bool:
        """Whether known_hosts has this very key for the host."""
        return any(not key.marker and key.fingerprint == self.fingerprint for key in self.known)


def shown_keys(
    options: SSHOptions,
    targets: Sequence[Target],
    timeouts: Timeouts,
    *,
    fanout: int = 32,
    given_first: bool = False,
    begun: Callable[[Pool], object] = lambda _: None,
) -> Iterator[ShownKey | Failure]:
    """Ask hosts for their keys, and say what is thought of each; nothing is written, and no host is logged in to.

    Jump hosts are logged in to as ever, and checked as ever. A host has several keys and shows the one that it is asked
    for first: that of a type which is known, or with `given_first` of a type which the MATRIX gives.
    `begun` is given what asks them, which can be told to stop.
    """
    seen: dict[str, ShownKey] = {}

    def see(check: HostKeyCheck, blob: bytes) -> None:
        seen[check.host] = _judged(check, blob)

    looker = Looker(see, given_first)
    with Pool(replace(options, accept_new=False), fanout=fanout, timeouts=timeouts, looker=looker) as pool:
        begun(pool)
        for target, outcome in pool.converse((target, _nothing()) for target in targets):
            yield seen.get(target.name) or _failure(outcome)


def remember(shown: ShownKey) -> None:
    """Add the key of a host of which nothing is known to known_hosts. Raises OSError."""
    shown.files.accept(shown.names, shown.port, shown.blob)


def supersede(keys: Iterable[ShownKey]) -> None:
    """Put each key in the place of those that known_hosts has for its host. Raises OSError."""
    groups: dict[int, list[ShownKey]] = {}
    for shown in keys:
        groups.setdefault(id(shown.files), []).append(shown)
    for group in groups.values():
        group[0].files.supersede([(shown.names, shown.port, shown.blob) for shown in group])


def _nothing() -> Dialogue[None]:
    return
    yield


def _failure(outcome: object) -> Failure:
    assert isinstance(outcome, Failure)
    return outcome


def _judged(check: HostKeyCheck, blob: bytes) -> ShownKey:
    cause = cure = ""
    result: KeyResult = "same"
    try:
        HostKeyCheck.verify(check, blob)
    except HostKeyRefused as error:
        cause, cure = error.cause, error.cure
        result = _RESULTS.get(error.verdict or "", "refused")
    key = check.own_key(blob)
    other = [known for known in check.from_matrix if known.type == key.type]
    if result == "same" and other and not any(known.fingerprint == key.fingerprint for known in other):
        result = "changed"
        cause = f"known_hosts has this key, and the MATRIX gives {other[0].fingerprint} ({other[0].where})"
        cure = f'correct it there: ssh.hostkey="{key.type} {base64.b64encode(key.blob or b"").decode()}"'
    return ShownKey(
        check.host, key.type, key.fingerprint, result, cause, cure, tuple(check.filed), tuple(check.from_matrix),
        tuple(check.names), check.port, key.blob or b"", check.files,
    )  # fmt: skip


_RESULTS: dict[str, KeyResult] = {"unknown": "new", "changed": "changed", "revoked": "revoked"}
