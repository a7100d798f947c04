"""Failures in words: what happened to a host, and what a person can do about it."""

from __future__ import annotations

import errno
import os

from matrix_common.addresses import bracketed
from matrix_common.trouble import Trouble
from matrix_distributor.dialogue.dialogue import Failure
from matrix_distributor.transport.ssh_config.route import Route

from .words import LONGEST_CAUSE, harmless

_CONNECT_CURES = {
    errno.ECONNREFUSED: "nothing listens there: start sshd on the host, or correct ssh.port or the address",
    errno.ETIMEDOUT: "is the host up? does a firewall drop the packets?",
    errno.EHOSTUNREACH: "is the host up, and is there a route to it from here?",
    errno.ENETUNREACH: "there is no route from here: check the address, or go through a jump host (ProxyJump)",
    errno.EMFILE: "raise the limit of open files (ulimit -n), or lower the fan-out",
}

_TIMEOUT_CURES = {
    "resolve": "check the name server, or give the address in the MATRIX",
    "connect": "is the host up? does a firewall drop the packets?",
    "banner": "something accepts connections there but does not speak: is sshd stuck, or the host overloaded?",
    "key exchange": "the host is overloaded, or the network loses large packets (MTU)",
    "login": "the host is slow to check keys: look at its name service, home directories and load",
    "command": "look on the host what hangs (a login script, a full disk, a dead mount), or allow more time",
}

_LOST_CURES = {
    "banner": "the host closes connections at once: is it out of memory, full (MaxStartups), or denying this address?",
    "key exchange": "see the host's log of sshd: the two may have no algorithm in common, or MaxStartups was reached",
    "command": "the connection was cut while a command ran: push again; the host keeps what it had",
}


_PROXY_CURE = "correct the ProxyCommand in ssh_config, or see the host that it goes through"


def resolve(route: Route, error: OSError) -> Failure:
    """A name without an address."""
    reason = error.strerror or str(error)
    return Failure(
        route.target.name,
        Trouble(
            "resolve",
            f"{route.host} has no address: {reason}",
            "give the address in the MATRIX, or a HostName in ssh_config (for adopt, which reads no MATRIX, there"
            " alone), or correct the name server",
        ),
    )


def connect(route: Route, error: OSError) -> Failure:
    """No connection."""
    number = error.errno or 0
    reason = os.strerror(number) if number else str(error)
    cure = _CONNECT_CURES.get(number, "check the address, and the network between here and there")
    return Failure(route.target.name, Trouble("connect", f"{place(route)}: {reason}", cure))


def proxy_command(route: Route, error: OSError) -> Failure:
    """The ProxyCommand did not start."""
    cause = f"ProxyCommand {route.proxy_command!r}: {error}"
    return Failure(route.target.name, Trouble("connect", cause, "correct it in ssh_config"))


def jump(route: Route, failure: Failure) -> Failure:
    """The jump host failed; its own failure says how."""
    return Failure(route.target.name, Trouble("connect", f"jump host {failure}", failure.cure))


def settings(host: str, message: str) -> Failure:
    """What ssh_config or the MATRIX say of the host cannot be used."""
    return Failure(host, Trouble("connect", message, "correct ssh_config or the options"))


def timeout(route: Route, stage: str, seconds: float, words: str = "") -> Failure:
    """A stage took too long; `words` are those of a ProxyCommand."""
    if stage == "banner" and route.proxy_command is not None:
        said = f"; it says: {words}" if words else ""
        cause = f"the ProxyCommand brought nothing from {place(route)} within {seconds:g} s{said}"
        return Failure(route.target.name, Trouble(stage, cause, _PROXY_CURE))
    what = {
        "resolve": f"no answer about the name {route.host}",
        "connect": f"no answer from {place(route)}",
        "banner": f"{place(route)} accepted the connection and then said nothing",
    }.get(stage, f"the {stage} did not end")
    return Failure(route.target.name, Trouble(stage, f"{what} within {seconds:g} s", _TIMEOUT_CURES[stage]))


def lost(route: Route, stage: str, reason: str) -> Failure:
    """The connection broke."""
    if stage == "connect":
        return Failure(
            route.target.name,
            Trouble(stage, f"{place(route)}: {reason or 'closed'}", "see the host before it (ProxyJump, ProxyCommand)"),
        )
    detail = f": {reason}" if reason else " by the host"
    cure = _LOST_CURES.get(stage, "see the host's log of sshd")
    if stage == "banner" and route.proxy_command is not None:
        cure = _PROXY_CURE
    return Failure(route.target.name, Trouble(stage, f"the connection was closed{detail}", cure))


def protocol(route: Route, stage: str, error: BaseException) -> Failure:
    """The other side sent what SSH does not allow, or there is nothing that both can do."""
    text = harmless(str(error), LONGEST_CAUSE) or type(error).__name__
    if "Incompatible ssh" in text:
        what = text[text.find("(") + 1 : text.rfind(")")]
        cause, cure = f"nothing in common: {what}", "update sshd on the host: it offers only outdated algorithms"
    elif stage == "banner":
        cause, cure = text, f"is it sshd that listens on port {route.port}? correct ssh.port or the address"
    else:
        cause = f"{place(route)} breaks the protocol: {text}"
        cure = "see the host's log of sshd, and whether something between here and there changes the bytes"
    return Failure(route.target.name, Trouble(stage, cause, cure))


def command(route: Route, cause: str) -> Failure:
    """A command that gave no reply."""
    return Failure(
        route.target.name,
        Trouble("command", cause, f"try it by hand: ssh {route.user}@{route.target.name}; see the host's log of sshd"),
    )


def stopped(host: str, *, begun: bool) -> Failure:
    """The pool was told to end."""
    cause = "ended before it was done" if begun else "not begun: stopped before its turn"
    return Failure(host, Trouble("stop", cause, "run it again"), begun)


def place(route: Route) -> str:
    """Where a host is looked for, as ssh writes it."""
    return f"{bracketed(route.host)} port {route.port}"
