"""One host's connection, from its name to the end of its last command, in the loop."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from paramiko import SSHException

from matrix_distributor.dialogue.commands import Message, Turn
from matrix_distributor.dialogue.dialogue import Failure, Reply, Timeouts
from matrix_distributor.transport.hostkeys.host_key import HostKeyRefused
from matrix_distributor.transport.net.carrier import ByteStream, CommandCarrier, ForwardCarrier, SocketCarrier
from matrix_distributor.transport.net.dial import Address, Dial
from matrix_distributor.transport.net.loop import Loop, Timer
from matrix_distributor.transport.net.resolver import Resolver
from matrix_distributor.transport.ssh.client import Disconnected, SshClient
from matrix_distributor.transport.ssh.login import LoginRefused
from matrix_distributor.transport.ssh.resident import NOT_STARTED
from matrix_distributor.transport.ssh_config.route import Route

from . import failures
from .execution import Execution, Outcome
from .words import LONGEST_CAUSE

LONGEST_REST = 1800.0
"""Seconds after which a kept connection that nobody used is closed, as that to a host which left the MATRIX."""

BREATH = 0.05
"""Seconds for which a host is not read from when too much of its output waits for its owner."""


class Owner(Protocol):
    """Who is told what becomes of a connection."""

    def reached(self, connection: Connection) -> None:
        """It answers as an SSH server. `negotiate` goes on."""

    def ready(self, connection: Connection) -> None:
        """It is logged in."""

    def failed(self, connection: Connection, failure: Failure) -> None:
        """It is over; at most once."""

    def gateway(self, route: Route) -> Connection:
        """A connection to a jump host, perhaps shared."""


class Connection:
    """Goes through the stages; each has its time, and each failure a Failure. All in the loop's thread."""

    def __init__(
        self, loop: Loop, resolver: Resolver, route: Route, session: SshClient, timeouts: Timeouts, owner: Owner
    ) -> None:
        self.route = route
        self.session = session
        self.closed = False
        self.reused = False
        self.kept = False
        self._loop, self._resolver, self._timeouts, self._owner = loop, resolver, timeouts, owner
        self._stage = "resolve"
        self._seconds = 0.0
        self._timer: Timer | None = None
        self._carrier: ByteStream | None = None
        self._dial: Dial | None = None
        self._failure: Failure | None = None
        self._execution = Execution(session)
        self._waiting: list[Callable[[Failure | None], None]] = []
        self._going_on = self._breathing = False
        self._told_reached = False
        self._told_ready = False
        self._asked_alive = 0
        self._idle = 0.0

    @property
    def stage(self) -> str:
        """Where it stands, in the words of a Failure."""
        return self._stage

    @property
    def command_begun(self) -> bool:
        """Whether the host has agreed to run the command that is being said."""
        return self._execution.begun

    def begin(self) -> None:
        """Set out for the host."""
        self._enter("resolve", self._timeouts.resolve)
        if self.route.jump is not None:
            self._enter("connect", self._timeouts.connect + self._timeouts.key_exchange + self._timeouts.login)
            self._through(self._owner.gateway(self.route.jump))
        elif self.route.proxy_command is not None:
            self._enter("connect", self._timeouts.connect)
            try:
                self._carry(
                    CommandCarrier(self._loop, self.route.proxy_command, self._receive, self._drained, self._lost)
                )
            except OSError as error:
                self.fail(failures.proxy_command(self.route, error))
        else:
            self._resolver.resolve(self.route.host, self.route.port, self._resolved)

    def negotiate(self) -> None:
        """Go on after the banner."""
        self._enter("key exchange", self._timeouts.key_exchange)
        self._step(self.session.negotiate)

    def run(self, message: Message, ended: Callable[[Outcome], None]) -> None:
        """Say a message; `ended` is called once, unless the connection fails, which its owner hears."""
        if isinstance(message, Turn):
            self._loop.soon(lambda: None if self.closed else ended(Reply(0, b"", b"", 0.0)))
            return
        if self._execution.is_missing(message):
            ended(Reply(NOT_STARTED, b"", b"", 0.0))
            return
        self._idle = 0.0
        limit = self._timeouts.command if message.timeout is None else message.timeout
        # A kept connection may be dead without a word: the host must agree to the command as fast as to a login.
        self._enter("command", min(limit, self._timeouts.login))
        self._step(lambda: self._execution.begin(message, ended, limit, stands=self.kept))

    def rest(self, interval: float) -> None:
        """Stay open without work: ask now and then whether the host still lives, and fail when it does not."""
        self._enter("command", interval, partial(self._check_alive, interval))

    def when_ready(self, action: Callable[[Failure | None], None]) -> None:
        """Call once it is logged in, or has failed. Used by those who want through it."""
        if self._told_ready or self._failure is not None:
            action(self._failure)
        else:
            self._waiting.append(action)

    def fail(self, failure: Failure) -> None:
        """End it, and tell its owner."""
        if self.closed:
            return
        self.close()
        failure = replace(failure, trouble=replace(failure.trouble, cause=failure.cause[:LONGEST_CAUSE]))
        self._failure = failure
        self.session.abandon(f"jump host {failure}")
        for action in self._waiting:
            action(failure)
        self._owner.failed(self, failure)

    def close(self) -> None:
        """End it without a word."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._dial is not None:
            self._dial.cancel()
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None

    def flush(self) -> None:
        """Send what waits. Whoever put messages into the session from outside calls it."""
        if self._carrier is not None:
            try:
                self._carrier.flush(self.session.wire.outgoing)
            except OSError as error:
                self._lost(os.strerror(error.errno) if error.errno else str(error))

    # From here on: what the loop calls.

    def _enter(self, stage: str, seconds: float, action: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._stage, self._seconds = stage, seconds
        self._timer = self._loop.after(seconds, action or self._late)

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _late(self) -> None:
        if self._execution.active and not self._execution.begun:
            self.fail(failures.command(self.route, f"the command was not begun within {self._seconds:g} s"))
            return
        words = self._carrier.words if isinstance(self._carrier, CommandCarrier) else ""
        self.fail(failures.timeout(self.route, self._stage, self._seconds, words))

    def _resolved(self, answer: list[Address] | OSError) -> None:
        if self.closed:
            return
        if isinstance(answer, OSError):
            self.fail(failures.resolve(self.route, answer))
            return
        seconds = min(self.route.connect_timeout or self._timeouts.connect, self._timeouts.connect)
        self._enter("connect", seconds)
        self._dial = Dial(self._loop, answer, seconds, self._connected, self._unconnected)
        self._dial.begin()

    def _connected(self, end: socket.socket) -> None:
        self._dial = None
        self._carry(SocketCarrier(self._loop, end, self._receive, self._drained, self._lost))

    def _unconnected(self, error: OSError) -> None:
        self.fail(failures.connect(self.route, error))

    def _through(self, gateway: Connection) -> None:
        def ready(failure: Failure | None) -> None:
            if self.closed:
                return
            if failure is not None:
                self.fail(failures.jump(self.route, failure))
                return
            channel = gateway.session.forward(self.route.host, self.route.port)

            def opened() -> None:
                if self.closed:
                    channel.close()  # too late: nobody would ever do so
                else:
                    self._carry(ForwardCarrier(channel, gateway.flush))

            channel.opened = opened
            channel.received = self._receive
            channel.drained = self._drained
            channel.lost = self._lost
            gateway.flush()

        gateway.when_ready(ready)

    def _carry(self, carrier: ByteStream) -> None:
        self._carrier = carrier
        seconds = self._timeouts.banner
        if self.route.proxy_command is not None:  # which connects as well
            seconds = min(self.route.connect_timeout or seconds, seconds)
        self._enter("banner", seconds)
        self.flush()

    def _receive(self, arrived: bytes) -> None:
        self._step(lambda: self.session.feed(arrived))

    def _drained(self) -> None:
        self.flush()
        if not self.closed:
            self._step(self.session.pump)

    def _step(self, action: Callable[[], None]) -> None:
        """Let the session act, turn what it raises into a Failure, and look how far it has come."""
        if self.closed:
            return
        try:
            action()
        except (HostKeyRefused, LoginRefused) as error:
            self.fail(Failure(self.route.target.name, error.trouble))
        except Disconnected as error:
            self._lost(str(error))
        except (SSHException, EOFError) as error:
            self.fail(failures.protocol(self.route, self._stage, error))
        except Exception as error:  # noqa: BLE001 – whatever a host sends may fail that host, and nobody else
            self.fail(failures.protocol(self.route, self._stage, error))
        else:
            self._look()
            self._go_on_soon()

    def _go_on_soon(self) -> None:
        """The rest of what has come is for another turn; the network is to keep what there is no room for."""
        if self.closed or self._carrier is None:
            return
        if self._execution.crowded:
            self._execution.crowded, self._breathing = False, True
            self._loop.after(BREATH, self._breathed)
        self._carrier.want(self.session.is_hungry and not self._breathing)
        if self.session.has_more and not self._going_on and not self._breathing:
            self._going_on = True
            self._loop.soon(self._go_on)

    def _go_on(self) -> None:
        self._going_on = False
        self._receive(b"")

    def _breathed(self) -> None:
        self._breathing = False
        self._step(lambda: None)

    def _look(self) -> None:
        session = self.session
        self.flush()
        if self.closed:
            return
        if session.stage == "login" and self._stage == "key exchange":
            self._enter("login", self._timeouts.login)
        if session.banner_seen and not self._told_reached:
            self._told_reached = True
            self._pause()
            self._owner.reached(self)
        elif session.logged_in and not self._told_ready:
            self._told_ready = True
            self._pause()
            waiting, self._waiting = self._waiting, []
            self._owner.ready(self)
            for tell in waiting:
                tell(None)
        elif self._execution.active:
            self._look_at_command()

    def _look_at_command(self) -> None:
        execution = self._execution
        ended = execution.ended
        assert ended is not None
        if (command := execution.instead()) is not None:
            self.run(command, ended)
            return
        if (seconds := execution.begun_just_now()) is not None:
            self._enter("command", seconds)
        outcome = execution.outcome()
        if outcome is None:
            return
        self._pause()
        if isinstance(outcome, str):
            self.fail(failures.command(self.route, outcome))
        else:
            ended(outcome)

    def _lost(self, reason: str) -> None:
        """The host hung up, or the network did."""
        if self.closed:
            return
        if self._stage == "login":
            refused = self.session.login.interrupted(reason)
            self.fail(Failure(self.route.target.name, refused.trouble))
            return
        if self._stage == "banner" and self.session.greeting:
            reason = f"it said: {self.session.greeting}"
        self.fail(failures.lost(self.route, self._stage, reason))

    def _check_alive(self, interval: float) -> None:
        self._idle += interval
        if self._idle > LONGEST_REST and not self.session.is_gateway:
            self.fail(failures.lost(self.route, self._stage, "nobody used it"))
            return
        self._asked_alive = self.session.alive_answers
        self._enter("command", self._timeouts.login, partial(self._judge_alive, interval))
        self._step(self.session.ask_alive)

    def _judge_alive(self, interval: float) -> None:
        if self.session.alive_answers == self._asked_alive:
            self._late()
        else:
            self.rest(interval)
