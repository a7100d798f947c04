"""What the verbs that speak to hosts share: the origin, its state, the pool, and which hosts are meant."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .frame import Fault, Workspace, fail

if TYPE_CHECKING:
    from matrix_distributor.conversation import Reach
    from matrix_distributor.dialogue import Timeouts
    from matrix_distributor.origin import Origin
    from matrix_distributor.transport import Pool, SSHOptions
    from matrix_grammar import Fleet


@contextmanager
def faults() -> Iterator[None]:
    """Errors of the distributor as a line for the person: 1 when nothing may be pushed, 2 when it cannot begin."""
    from matrix_distributor import DistributorError
    from matrix_distributor.transport import TransportError

    try:
        yield
    except TransportError as error:
        raise Fault(str(error), 2) from error
    except DistributorError as error:
        raise Fault(str(error), 1) from error


def origin_of(workspace: Workspace, *, ask: bool = True) -> Origin:
    """The MATRIX of the workspace as an origin of generations; `ask` allows to ask for the signing key's passphrase."""
    from matrix_distributor.origin import Origin

    settings, signer = workspace.vouched, None
    if settings.sign_key:
        from matrix_distributor.signing import load_signer

        signer = load_signer(settings.sign_key, _ask_passphrase if ask else None)
    return Origin(
        matrix=workspace.path.absolute(),
        state=settings.state.absolute(),
        options=workspace.binding_options,
        author=settings.push_author,
        signer=signer,
        templates=workspace.templates,
        includes=workspace.includes,
    )


def pool_of(
    workspace: Workspace,
    *,
    fanout: int | None = None,
    accept_new: bool = False,
    dry: bool = False,
    keep: bool = False,
    ask: bool = True,
    ordinary: bool = False,
) -> Pool:
    """A pool by the settings; `ask` allows to ask the person for the passphrase of a key.

    It logs in as the account of `push.account` where that is set; with `ordinary` it never does.
    With `dry` no new key is written to known_hosts.
    """
    from matrix_distributor.transport import Pool

    settings = workspace.vouched
    options, timeouts = ssh_of(workspace, accept_new=accept_new, dry=dry, ask=ask)
    if settings.push_account and not ordinary:
        own = (settings.push_identity,) if settings.push_identity else options.identities
        options = replace(options, user=settings.push_account, identities=own)
    return Pool(options, fanout=fanout or settings.push_fanout, timeouts=timeouts, keep=keep)


def reach_of(workspace: Workspace, pool: Pool, fleet: Fleet) -> Reach:
    """How the hosts of a fleet are spoken to over a pool of `pool_of` that is not an ordinary one."""
    from matrix_distributor.conversation import Reach

    settings = workspace.settings
    return Reach.of(pool, fleet, named=settings.self, local=settings.push_local, gated=bool(settings.push_account))


def ssh_of(
    workspace: Workspace, *, accept_new: bool = False, dry: bool = False, ask: bool = True
) -> tuple[SSHOptions, Timeouts]:
    """How to reach hosts, and how long each stage may take, by the settings."""
    from matrix_distributor.dialogue import Timeouts
    from matrix_distributor.transport import SSHOptions

    settings = workspace.vouched
    once, command = settings.ssh_connect_timeout, settings.ssh_command_timeout
    passphrase: Callable[[Path], str | None] | None = _ask_passphrase if ask else None
    options = SSHOptions(
        config=settings.ssh_config,
        identities=(settings.ssh_identity,) if settings.ssh_identity else (),
        known_hosts=(settings.ssh_known_hosts,) if settings.ssh_known_hosts else (),
        user=settings.ssh_user or None,
        accept_new=accept_new,
        remember=not dry,
        last_word=settings.ssh_hostkeys,
        agent=settings.ssh_agent,
        passphrase=passphrase,
        site=workspace.path.resolve().parent,
    )
    timeouts = Timeouts(resolve=once, connect=once, banner=once, key_exchange=once, login=once, command=command)
    return options, timeouts


def _ask_passphrase(key: Path) -> str | None:
    if not sys.stdin.isatty():
        return None
    from matrix_common.terminal import safe

    return getpass.getpass(f"Passphrase for {safe(str(key))}: ") or None


def check_limit(targets: Sized, limit: int) -> None:
    """End the verb when there are more hosts than the fuse allows; 0 allows any number."""
    if limit and len(targets) > limit:
        fail(f"{len(targets)} hosts, more than the host limit of {limit}; nothing was pushed (--host-limit)", 1)


def has_state(workspace: Workspace) -> bool:
    """Whether anything was ever pushed from here. Ends the verb where the caller may not even know."""
    path = workspace.settings.state / "state.db"
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        from matrix_common.terminal import reason_of

        fail(f"the state in {path.parent} cannot be read: {reason_of(error)}; as its owner?", 2)
    return True


def need_state(workspace: Workspace) -> None:
    """End the verb when nothing was ever pushed from here; asking must not make a state."""
    if not has_state(workspace):
        fail(f"nothing was pushed from here yet (no state in {workspace.settings.state}): matrix push", 1)
