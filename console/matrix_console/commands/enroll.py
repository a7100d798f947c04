"""`matrix enroll`: prepare hosts for an account that can take a generation and do nothing else."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matrix_console.distribution import faults, has_state, pool_of
from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace, emit_json, fail, verb
from matrix_console.report.progress import with_progress

if TYPE_CHECKING:
    from matrix_distributor.enroll import Enrolled, Enrollment
    from matrix_grammar import Fleet

ORDER = ("enrolled", "unchanged", "planned", "removed", "skipped", "failed", "unreachable")


@verb(name="enroll", short_help="Prepare hosts for an account of least privilege.")
@click.argument("selector")
@click.option("-n", "--dry-run", is_flag=True, help="Look at every host, and say what would be done; change nothing.")
@click.option("--remove", is_flag=True, help="Take back what was set up; generations and what they put in place stay.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public key that may enter the account, any number of times; by default that of push.identity.",
)
@click.option("--accept-new", is_flag=True, help="Accept keys of hosts that no key is known of; never changed keys.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(
    workspace: Workspace,
    selector: str,
    dry_run: bool,
    remove: bool,
    keys: tuple[Path, ...],
    accept_new: bool,
    json_: bool,
) -> None:
    """Prepare the hosts that SELECTOR names, over your own login (root, or push.sudo where `sudo -n` is allowed).

    Each gets an account (push.account, else dsas) that the origin's key enters, and in which that key can bring a
    generation and ask for it, and nothing else; sudo; and /etc/dsas with what judges a generation, allowed_signers
    among it where sign.allowed_signers is set. A host that is prepared already is left as it is. Afterwards set
    push.account. The threat model is in docs/security.md.
    """
    from matrix_distributor.conversation import Reach
    from matrix_distributor.enroll import dismiss, enroll
    from matrix_distributor.hosts import targets_of

    settings = workspace.vouched
    with faults():
        fleet = workspace.fleet()
        targets = targets_of(fleet, selector)
        wanted = _enrollment(workspace, fleet, keys, remove)
        with pool_of(workspace, accept_new=accept_new, dry=dry_run, ordinary=True) as pool:
            act = dismiss if remove else enroll
            reach = Reach(pool)
            coming = act(wanted, targets, reach, dry=dry_run, sudo=settings.push_sudo)
            with interruptible(reach, "matrix enroll"):
                done = list(with_progress(workspace, coming, [target.name for target in targets], "enroll"))
        if not dry_run:
            _remember(workspace, done, remove)
    if json_:
        emit_json({"account": wanted.account, "hosts": [_as_json(one) for one in done]})
    else:
        _print(workspace, done)
        if not remove and not settings.push_account and any(one.good for one in done):
            click.echo(f'to use the account, set account = "{wanted.account}" under [push] in matrix.toml', err=True)
    sys.exit(_status(done))


def _remember(workspace: Workspace, done: Iterable[Enrolled], remove: bool) -> None:
    """By which program they are enrolled now, where there is a state: status names those of another release."""
    from matrix_distributor.enroll import enrolment_mark
    from matrix_distributor.state import OriginState

    settled = [one.host for one in done if one.status in ("enrolled", "unchanged", "removed")]
    if settled and has_state(workspace):
        with OriginState(workspace.settings.state, workspace.folder) as state:
            if remove:
                state.enrolments.dismissed(settled)
            else:
                state.enrolments.enrolled(settled, enrolment_mark())


def _enrollment(workspace: Workspace, fleet: Fleet, keys: tuple[Path, ...], remove: bool) -> Enrollment:
    from matrix_distributor.enroll import Enrollment, places_for
    from matrix_emitters.bindings import build

    settings = workspace.vouched
    account = settings.push_account or "dsas"
    if remove:
        return Enrollment((), account)
    paths = [artifact.path for artifact in build(fleet, 1, workspace.binding_options)]
    places = places_for(path for path in paths if path.startswith("/"))
    signers = None
    if settings.sign_allowed_signers is not None:
        signers = _content(settings.sign_allowed_signers, "sign.allowed_signers")
    return Enrollment(_public_keys(workspace, keys), account, places, signers)


def _public_keys(workspace: Workspace, named: tuple[Path, ...]) -> tuple[str, ...]:
    settings = workspace.vouched
    private = settings.push_identity or settings.ssh_identity
    if not named and private is None:
        fail("which key may enter the account? --key FILE.pub names it, or push.identity in matrix.toml", 2)
    paths = named or (Path(f"{private}.pub"),)
    texts = (_content(path, "the public key").decode("utf-8", "replace") for path in paths)
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return tuple(line for line in lines if line and not line.startswith("#"))


def _content(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{what} cannot be read: {path}: {error.strerror}", 2)


def _print(workspace: Workspace, done: Iterable[Enrolled]) -> None:
    """A line per kind of outcome with the hosts folded, then what was changed, or why it was not."""
    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    groups: dict[tuple[int, str, tuple[str, ...], str, str], list[str]] = defaultdict(list)
    for one in done:
        why = f"{one.stage}: {one.cause}" if one.cause else ""
        groups[ORDER.index(one.status), one.status, one.changes, why, one.cure].append(one.host)
    for (_, status, changes, why, cure), hosts in sorted(groups.items()):
        workspace.console.print(f"  {status:<12}{len(hosts):>5}  {fold(hosts)}", soft_wrap=True)
        for words in (*changes, *filter(None, (why, cure and f"→ {cure}"))):
            workspace.console.print(" " * 21 + safe(words), soft_wrap=True)


def _as_json(one: Enrolled) -> dict[str, object]:
    return {
        "host": one.host,
        "result": one.status,
        "changes": list(one.changes),
        "stage": one.stage,
        "cause": one.cause,
        "cure": one.cure,
    }


def _status(done: Sequence[Enrolled]) -> int:
    if all(one.good for one in done):
        return 0
    return 4 if all(one.status in ("unreachable", "skipped") for one in done) else 3
