"""Taking the MATRIX's host keys over into known_hosts, for hosts that were installed anew."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from matrix_common.terminal import safe
from matrix_console.frame import Workspace

from .report import Scanned, keys_beside
from .writer import writer_of

if TYPE_CHECKING:
    from matrix_distributor.transport import ShownKey
    from matrix_grammar.model import Host


def replace_keys(
    workspace: Workspace, found: Sequence[Scanned], hosts: Mapping[str, Host], *, yes: bool
) -> list[Scanned]:
    """Show both keys of each host, ask (without `yes`), and put the MATRIX's in the place of those in known_hosts.

    Only where the host itself shows the key that the MATRIX gives; what is not replaced says why.
    """
    from matrix_distributor.transport import supersede

    judged = [_judged(one) for one in found]
    wanted = [one.shown for one in judged if one.result == "changed" and one.shown is not None]
    if not wanted:
        return judged
    for shown in wanted:
        _tell(workspace, shown, hosts[shown.host])
    count = "1 host" if len(wanted) == 1 else f"{len(wanted)} hosts"
    if not yes and not may_ask():
        cause, cure = "not replaced: there is nobody to ask", "run it on a terminal, or with --yes"
        return [replace(one, result="kept", cause=cause, cure=cure) if _open(one) else one for one in judged]
    if not yes and not click.confirm(f"Put these keys of {count} in the place of the old ones?", err=True):
        return [replace(one, result="kept", cause="not replaced: no consent") if _open(one) else one for one in judged]
    try:
        supersede(wanted)
    except OSError as error:
        cause = f"known_hosts could not be written: {error.filename or ''}: {error.strerror}"
        return [replace(one, result="kept", cause=cause) if _open(one) else one for one in judged]
    return [_replaced(one) if _open(one) else one for one in judged]


def may_ask() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _open(one: Scanned) -> bool:
    return one.result == "changed"


def _judged(one: Scanned) -> Scanned:
    """`changed` for a host whose key is to be taken over, `same` where there is nothing to do, else `kept` and why."""
    shown = one.shown
    if shown is None or shown.result in ("revoked", "refused"):
        return one
    if not shown.given:
        cause = "not replaced: the MATRIX gives this host no ssh.hostkey"
        cure = "write the host's own (there: /etc/ssh/ssh_host_ed25519_key.pub) as ssh.hostkey on its line, then again"
        return replace(one, result="kept", cause=cause, cure=cure)
    if not shown.as_given:
        given = ", ".join(f"{key.fingerprint} ({key.where})" for key in shown.given)
        cause = f"not replaced: the host shows {shown.fingerprint}, and the MATRIX gives {given}"
        cure = (
            "compare with the host's own (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); correct ssh.hostkey"
        )
        return replace(one, result="kept", cause=cause, cure=cure)
    plain = [key for key in shown.known if not (key.marker or key.reflected)]
    own = [key for key in plain if not key.shared] or plain
    if own and all(key.fingerprint == shown.fingerprint for key in own):
        return replace(one, result="same", cause="", cure="")
    return replace(one, result="changed", cause="", cure="")


def _replaced(one: Scanned) -> Scanned:
    stays = [key.where for key in one.shown.known if key.shared and not key.marker] if one.shown else []
    cause = f"what stands for other hosts too stays, and is known of this one as before: {', '.join(stays)}"
    return replace(one, result="replaced", cause=cause if stays else "", cure="")


def _tell(workspace: Workspace, shown: ShownKey, host: Host) -> None:
    """Both keys, where they stand, and who wrote the new one, on standard error: a person decides by this."""
    given = next(key for key in shown.given if key.fingerprint == shown.fingerprint)
    word = shown.fingerprint
    if given.blob is not None:
        import base64

        word = base64.b64encode(given.blob).decode()
    lines = (
        f"{shown.host} (in known_hosts as {', '.join(shown.names)}, port {shown.port})",
        f"  shows        {shown.type} {shown.fingerprint}",
        f"  MATRIX       this ({given.where}), {writer_of(workspace, word, host.file)}",
        f"  known_hosts  {keys_beside(shown, shown.known)}",
    )
    for line in lines:
        click.echo(safe(line), err=True)
