"""Many hosts at once: who is set out for, who is spoken to, who waits, and what comes of each."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterable, Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target, Timeouts
from matrix_distributor.transport.hostkeys.host_key import HostKeyRefused
from matrix_distributor.transport.hostkeys.look import Looker
from matrix_distributor.transport.keys.login_keys import Keyring
from matrix_distributor.transport.net.loop import Loop
from matrix_distributor.transport.ssh_config.route import Route, Routes

from . import failures
from .job import Bug, Conversation
from .options import SSHOptions, TransportError
from .schedule import Schedule

T = TypeVar("T")
E = TypeVar("E")

MOST_FILES = 65536


class Pool:
    """Speaks to many hosts at once. A context manager; leaving it by an exception aborts what runs.

    `fanout` hosts are spoken to at a time; many more may be knocked at, so that dead hosts hold up nobody. With `keep`
    connections stay open between calls of `converse`. Raises TransportError when the options cannot be used.
    All dialogues run in one thread of the pool's own, so none of them may block.
    With `looker` keys of hosts are looked at, and nothing is said to any.
    """

    def __init__(
        self,
        options: SSHOptions,
        *,
        fanout: int = 32,
        timeouts: Timeouts | None = None,
        keep: bool = False,
        looker: Looker | None = None,
    ) -> None:
        if fanout < 1:
            raise ValueError("the fan-out must be at least 1")
        self._routes = Routes(options)
        self._keyring = Keyring(options)
        self._looks = looker is not None
        _allow_many_files()
        self._preparing = threading.Lock()
        self._loop = Loop()
        self._schedule = Schedule(self._loop, self._keyring, options, fanout, timeouts or Timeouts(), keep, looker)
        self._thread = threading.Thread(target=self._run, name="matrix-transport", daemon=True)
        self._thread.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abort()
        self.close()

    def converse(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        """Hold each dialogue with its host; gives every pair once, as they finish, with its value or its Failure.

        Hosts are only ever the cause of Failures. An exception of a dialogue, of its `stdin` or of its `on_output` is
        raised here. Giving up the iterator aborts what is left. May be called from several threads.
        """
        yield from self.events(pairs, SimpleQueue[tuple[Target, Any]]())

    def events(
        self, pairs: Iterable[tuple[Target, Dialogue[T]]], inbox: SimpleQueue[E | tuple[Target, Any]], others: int = 0
    ) -> Iterator[E | tuple[Target, T | Failure]]:
        """As `converse`, in one stream with what others put into `inbox` meanwhile, all of it as it comes.

        A pair of a target and its outcome (a value, a Failure or a Bug) counts as one of `others`, of which so many
        come; the iteration ends with the last outcome of all.
        """
        if not self._thread.is_alive():
            raise RuntimeError("the pool is closed")
        jobs: list[Conversation] = []
        refused: list[tuple[Target, Failure]] = []
        for target, dialogue in pairs:
            with self._preparing:  # so that no two threads ask for the same passphrase
                prepared = self._prepare(target)
            if isinstance(prepared, Failure):
                dialogue.close()
                refused.append((target, prepared))
            else:
                jobs.append(Conversation(target, prepared, dialogue, inbox.put))
        self._loop.post(lambda: self._schedule.add(jobs))
        try:
            yield from refused
            left = len(jobs) + others
            while left:
                event = self._next(inbox)
                if not isinstance(event, tuple):
                    yield event
                    continue
                left -= 1
                target, outcome = event
                if isinstance(outcome, Bug):
                    raise outcome.error
                yield target, self._helped(target, outcome) if isinstance(outcome, Failure) else outcome
        finally:
            self._loop.post(lambda: self._schedule.abandon(jobs))

    def way(self, target: Target) -> Route:
        """How a host would be reached. Raises TransportError. From any thread."""
        with self._preparing:
            return self._routes.to(target)

    def stop(self) -> None:
        """Begin with no further host; those that are spoken to go on to their end. From any thread."""
        self._loop.post(self._schedule.stop)

    def abort(self) -> None:
        """End all conversations now, as Failures. From any thread."""
        self._loop.post(self._schedule.abort)

    def close(self) -> None:
        """Stop, wait for the hosts that are spoken to, and close every connection. Harmless when done twice."""
        self._loop.post(self._schedule.finish)
        self._thread.join()
        self._keyring.close()

    def _next(self, inbox: SimpleQueue[E]) -> E:
        while True:
            try:
                return inbox.get(timeout=5)
            except Empty:
                if not self._thread.is_alive():
                    raise RuntimeError("the pool was closed in the middle of a conversation") from None

    def _helped(self, target: Target, failure: Failure) -> Failure:
        """The failure to get to a host, with what ssh_config has for its address and not for its name."""
        if failure.stage not in ("resolve", "connect", "banner", "login"):
            return failure
        where = self._routes.overlooked(target, self.way(target).host)
        if not where:
            return failure
        said = f"{where}: to have it count here, write the name beside it (Host {target.name} …)"
        return failure.advised(said)

    def _prepare(self, target: Target) -> Route | Failure:
        """What can be found out without the host: here because it may ask for a passphrase."""
        try:
            route = self._routes.to(target)
            hop: Route | None = route
            while hop is not None:
                self._schedule.prepare(hop, login=not self._looks or hop is not route)
                hop = hop.jump
        except TransportError as error:
            return failures.settings(target.name, str(error))
        except HostKeyRefused as error:
            return Failure(target.name, error.trouble)
        return route

    def _run(self) -> None:
        try:
            self._loop.run()
        except BaseException as error:
            self._schedule.broken(error)
            raise


def _allow_many_files() -> None:
    """Raise the soft limit of open files to the hard one (getrlimit(2)): a connection per host needs one each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
