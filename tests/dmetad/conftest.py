from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "serving"), str(HERE / "fuzz"), str(HERE.parent / "emitters/questions")]

from dmetad_server import EXAMPLE, Running, running  # noqa: E402 - found by the line above


@pytest.fixture
def dmetad(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts a server with these arguments; it is stopped after the test, and must not have left a traceback."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **more: stack.enter_context(running(tmp_path, *arguments, **more))


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests that only ask, answering from the example as host w104."""
    with running(tmp_path_factory.mktemp("example"), "-f", str(EXAMPLE), env={"DSAS_SELF": "w104"}) as server:
        yield server
