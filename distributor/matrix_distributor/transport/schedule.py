"""Decides when to connect to which host. All of it runs in the loop's thread, but for `prepare`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

from matrix_distributor.dialogue.dialogue import Failure, Reply, Timeouts
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck, matrix_keys
from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts
from matrix_distributor.transport.hostkeys.look import Look, Looker
from matrix_distributor.transport.keys.login_keys import Identity, Keyring
from matrix_distributor.transport.net.loop import Loop
from matrix_distributor.transport.net.resolver import Resolver
from matrix_distributor.transport.ssh.client import SshClient
from matrix_distributor.transport.ssh.login import Login
from matrix_distributor.transport.ssh_config.route import Route

from . import failures
from .connection import Connection
from .execution import Outcome
from .job import Bug, Conversation
from .options import SSHOptions

MOST_REACHED_FOR = 1000
"""Connections that may be under way without an answer: dead hosts take these, not the places of the fan-out."""

MOST_ATTEMPTS = 3
"""Times that a host is set out for anew because its connection did not last until its turn."""

FRESH = 0.1
"""Seconds for which a connection under way is expected to need a place of the fan-out soon."""


class Schedule:
    """Hosts queue up, are reached for, wait for a place of the fan-out, are spoken to, and end or rest."""

    def __init__(
        self,
        loop: Loop,
        keyring: Keyring,
        options: SSHOptions,
        fanout: int,
        timeouts: Timeouts,
        keep: bool,
        looker: Looker | None = None,
    ) -> None:
        self._loop, self._keyring, self._options, self._looker = loop, keyring, options, looker
        self._fanout, self._timeouts, self._keep = fanout, timeouts, keep
        self._resolver = Resolver(loop)
        self._known_hosts: dict[tuple[tuple[Path, ...], bool], KnownHosts] = {}
        self._identities: dict[Route, tuple[list[Identity], list[str]]] = {}
        self._queue: deque[Conversation] = deque()
        self._waiting: deque[Conversation] = deque()
        self._jobs: dict[Connection, Conversation] = {}
        self._reaching: set[Connection] = set()
        self._fresh = 0
        self._working: set[Conversation] = set()
        self._resting: dict[object, list[Connection]] = {}
        self._gateways: dict[object, Connection] = {}
        self._filling = False
        self._stopped = False
        self._finishing = False

    def prepare(self, route: Route, *, login: bool) -> None:
        """Read the files that a route needs, for a `login` the keys too. In the caller's thread: it may have to ask."""
        files = route.known_hosts, route.keeps_new
        known = self._known_hosts.get(files)
        if known is None or known.stale():
            self._known_hosts[files] = KnownHosts(route.known_hosts, keep=route.keeps_new)
        matrix_keys(route.target.host_keys, route.target.name)
        if login and route not in self._identities:
            self._identities[route] = (self._keyring.identities(route), list(self._keyring.notes.values()))

    def add(self, jobs: Iterable[Conversation]) -> None:
        """Take in new jobs."""
        for job in jobs:
            if self._stopped:
                job.end(failures.stopped(job.target.name, begun=False))
            else:
                self._queue.append(job)
        self._fill_soon()

    def abandon(self, jobs: Sequence[Conversation]) -> None:
        """Nobody waits for these any more."""
        for job in jobs:
            if not job.done:
                self._drop(job, failures.stopped(job.target.name, begun=True))

    def stop(self) -> None:
        """End all that was not begun, and begin nothing more."""
        self._stopped = True
        unbegun = [*self._queue, *self._waiting, *(self._jobs[c] for c in self._reaching if c in self._jobs)]
        self._queue.clear()
        self._waiting.clear()
        for job in unbegun:
            self._drop(job, failures.stopped(job.target.name, begun=False))

    def abort(self) -> None:
        """End all."""
        self.stop()
        for job in list(self._working):
            self._drop(job, failures.stopped(job.target.name, begun=True))

    def finish(self) -> None:
        """Stop; once nothing is spoken any more, close everything and leave the loop."""
        self._finishing = True
        self.stop()
        self._fill_soon()

    def broken(self, error: BaseException) -> None:
        """The loop itself failed, which only a bug can do: tell everybody who waits."""
        for job in {*self._queue, *self._waiting, *self._jobs.values(), *self._working}:
            job.end(Bug(error))

    # What connections tell (connection.Owner).

    def reached(self, connection: Connection) -> None:
        """A host answers: it wants a place of the fan-out."""
        job = self._jobs.get(connection)
        self._reaching.discard(connection)
        if job is None:
            connection.negotiate()  # a jump host: it needs no place, those behind it have theirs
            return
        job.rest()
        self._waiting.append(job)
        self._fill_soon()

    def ready(self, connection: Connection) -> None:
        """A host is logged in: its dialogue begins."""
        job = self._jobs.get(connection)
        if job is not None:
            self._advance(job, None)
        else:
            connection.rest(self._options.keep_alive)

    def failed(self, connection: Connection, failure: Failure) -> None:
        """A host is lost: a failure of its job, or a reason to set out anew."""
        self._reaching.discard(connection)
        key = connection.route.key
        if self._gateways.get(key) is connection:
            del self._gateways[key]
        if connection in self._resting.get(key, ()):
            self._resting[key].remove(connection)
        job = self._jobs.pop(connection, None)
        if job is None:
            return
        lost_early = job.lost_before_use
        if job in self._waiting:
            self._waiting.remove(job)
            lost_early = True
        self._working.discard(job)
        job.connection = None
        if lost_early and job.attempts < MOST_ATTEMPTS and not self._stopped:
            self._again(job)
        else:
            job.end(failure)
        self._fill_soon()

    def gateway(self, route: Route) -> Connection:
        """The one connection to a jump host, for all behind it."""
        connection = self._gateways.get(route.key)
        if connection is None:
            connection = self._gateways[route.key] = self._connection(route)
            connection.begin()
        return connection

    # The flow.

    def _again(self, job: Conversation) -> None:
        """A kept connection was dead already, or the host would not wait for its turn: begin anew."""
        job.attempts += 1
        job.rest()
        self._queue.appendleft(job)

    def _fill_soon(self) -> None:
        """Not at once: whoever calls this is in the middle of something."""
        if not self._filling:
            self._filling = True
            self._loop.soon(self._fill)

    def _fill(self) -> None:
        self._filling = False
        while self._waiting and len(self._working) < self._fanout:
            self._work(self._waiting.popleft())
        while self._queue:
            connection = self._rested(self._queue[0].route)
            if connection is not None:
                self._take(self._queue.popleft(), connection)
            elif self._may_reach():
                self._reach(self._queue.popleft())
            else:
                break
        self._leave_if_done()

    def _may_reach(self) -> bool:
        return len(self._reaching) < MOST_REACHED_FOR and self._fresh + len(self._waiting) < 2 * self._fanout

    def _reach(self, job: Conversation) -> None:
        job.connection = connection = self._connection(job.route, self._looker)
        self._jobs[connection] = job
        self._reaching.add(connection)
        self._fresh += 1
        self._loop.after(FRESH, self._grown_old)
        self._bound(job)
        connection.begin()

    def _grown_old(self) -> None:
        self._fresh -= 1
        self._fill_soon()

    def _take(self, job: Conversation, connection: Connection) -> None:
        """Speak over a connection that was kept."""
        job.connection = connection
        connection.reused = True
        self._jobs[connection] = job
        self._waiting.append(job)
        if len(self._working) < self._fanout:
            self._work(self._waiting.pop())

    def _work(self, job: Conversation) -> None:
        connection = job.connection
        assert connection is not None
        self._working.add(job)
        self._bound(job)
        if connection.reused:
            self._advance(job, None)
        else:
            connection.negotiate()

    def _advance(self, job: Conversation, reply: Reply | None) -> None:
        connection = job.connection
        assert connection is not None
        try:
            command = job.advance(reply)
        except StopIteration as end:
            self._release(job, end.value)
        except Exception as error:  # noqa: BLE001 – raised again from Pool.converse
            self._drop(job, Bug(error))
        else:
            connection.run(command, lambda outcome: self._heard(job, outcome))

    def _heard(self, job: Conversation, outcome: Outcome) -> None:
        if isinstance(outcome, Reply):
            self._advance(job, outcome)
        else:
            self._drop(job, Bug(outcome) if isinstance(outcome, Exception) else outcome)

    def _bound(self, job: Conversation) -> None:
        job.bound(self._loop, self._timeouts.host, lambda: self._out_of_time(job))

    def _out_of_time(self, job: Conversation) -> None:
        assert self._timeouts.host is not None
        assert job.connection is not None
        self._drop(job, failures.timeout(job.route, job.connection.stage, self._timeouts.host))

    def _release(self, job: Conversation, value: object) -> None:
        """The dialogue ended well: keep the connection, or close it."""
        connection = job.connection
        assert connection is not None
        job.connection = None
        del self._jobs[connection]
        self._working.discard(job)
        if self._keep and not self._finishing:
            self._resting.setdefault(job.route.key, []).append(connection)
            connection.rest(self._options.keep_alive)
        else:
            connection.close()
        job.end(value)
        self._fill_soon()

    def _drop(self, job: Conversation, outcome: object) -> None:
        """End a job wherever it stands, and its connection with it."""
        for place in (self._queue, self._waiting):
            if job in place:
                place.remove(job)
        self._working.discard(job)
        if job.connection is not None:
            self._jobs.pop(job.connection, None)
            self._reaching.discard(job.connection)
            job.connection.close()
            job.connection = None
        job.end(outcome)
        self._fill_soon()

    def _connection(self, route: Route, looker: Looker | None = None) -> Connection:
        identities, notes = self._identities.get(route, ([], [])) if looker else self._identities[route]
        target = route.target
        check = HostKeyCheck(
            target.name,
            route.names,
            route.port,
            self._known_hosts[route.known_hosts, route.keeps_new],
            matrix_keys(target.host_keys, target.name, target.given_at),
            self._options.accept_new,
            self._options.last_word,
            remember=self._options.remember,
        )
        if looker is not None:
            check = Look(check, looker)
        session = SshClient(check, Login(route.user, identities, notes))
        connection = Connection(self._loop, self._resolver, route, session, self._timeouts, self)
        connection.kept = self._keep
        return connection

    def _rested(self, route: Route) -> Connection | None:
        resting = self._resting.get(route.key)
        return resting.pop() if resting else None

    def _leave_if_done(self) -> None:
        if not self._finishing or self._working or self._queue or self._waiting or self._reaching:
            return
        for connection in [*(c for kept in self._resting.values() for c in kept), *self._gateways.values()]:
            connection.close()
        self._resting.clear()
        self._gateways.clear()
        self._resolver.close()
        self._loop.stop()
