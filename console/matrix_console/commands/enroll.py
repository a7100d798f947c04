"""`matrix enroll`: prepare hosts for an account that can take a generation and do nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matrix_console.distribution import faults, has_state, pool_of
from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace, emit_json, fail, verb
from matrix_console.report.outcomes import as_json, print_enrolled
from matrix_console.report.progress import with_progress

if TYPE_CHECKING:
    from matrix_distributor.enroll import Enrolled, Enrollment
    from matrix_grammar import Fleet


@verb(name="enroll", short_help="Set up an account of least privilege on hosts.")
@click.argument("selector")
@click.option(
    "-n", "--dry-run", is_flag=True, help="Examine every host, and report what would be done; change nothing."
)
@click.option("--remove", is_flag=True, help="Remove the account and its files; keep generations and installed files.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public key that may log in to the account; may be repeated; default: that of push.identity.",
)
@click.option("--accept-new", is_flag=True, help="Accept the key of a host without a known key; never a changed key.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(
    workspace: Workspace,
    selector: str,
    dry_run: bool,
    remove: bool,
    keys: tuple[Path, ...],
    accept_new: bool,
    json_: bool,
) -> None:
    """Prepare the hosts of SELECTOR, with your own login (root, or with push.sudo a user who may run `sudo -n`).

    Each host gets an account (push.account, else dsas) for the origin's key. With this account the key can only
    install a generation and ask for it. The host also gets a sudo rule, and /etc/dsas with the program that
    verifies a generation (and allowed_signers, if sign.allowed_signers is set). A host that is already prepared
    stays as it is. Afterwards set push.account. The threat model is in docs/security.md.
    """
    from matrix_distributor.conversation import Reach
    from matrix_distributor.enroll import dismiss, enroll
    from matrix_distributor.hosts import exit_status, targets_of

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
        emit_json({"account": wanted.account, "hosts": [as_json(one) for one in done]})
    else:
        print_enrolled(workspace.console, done)
        if not remove and not settings.push_account and any(one.good for one in done):
            click.echo(f'to use the account, set account = "{wanted.account}" under [push] in matrix.toml', err=True)
    sys.exit(exit_status(done))


def _remember(workspace: Workspace, done: Iterable[Enrolled], remove: bool) -> None:
    """By which program they are enrolled now, where there is a state: status names those of another release."""
    from matrix_distributor.enroll import enrolment_mark
    from matrix_distributor.state import OriginState

    settled = [one.host for one in done if one.result in ("enrolled", "unchanged", "removed")]
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
