"""What a test needs of the machine: a part that is missing is a failure, never a silent skip.

`@pytest.mark.needs("php", "root")` on a test, or `require("php")` inside one or a fixture. With
MATRIX_TEST_PARTS=available such tests are skipped instead, and the end of the run says what was not tested.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections import Counter

import pytest

SEARCH_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
untested: Counter[str] = Counter()


def present(part: str) -> bool:
    """Whether a command is installed, or a file there (below /dev a device); `root`: whether the tests run as root.

    `attributes`: whether files in the folder for temporary ones have extended attributes.
    """
    if part.startswith("/dev/"):
        return os.path.exists(part) and stat.S_ISCHR(os.stat(part).st_mode)
    if part.startswith("/"):
        return os.path.exists(part)
    if part == "attributes":
        return _has_attributes()
    return os.geteuid() == 0 if part == "root" else shutil.which(part, path=SEARCH_PATH) is not None


def _has_attributes() -> bool:
    with tempfile.NamedTemporaryFile() as file:
        try:
            os.setxattr(file.name, "user.any", b"1")
        except OSError:
            return False
    return True


def require(*parts: str) -> None:
    """Fail the running test unless all parts are there; skip and count it with MATRIX_TEST_PARTS=available."""
    missing = [part for part in parts if not present(part)]
    if not missing:
        return
    if os.environ.get("MATRIX_TEST_PARTS") == "available":
        untested.update(missing)
        pytest.skip(f"not here: {', '.join(missing)}")
    pytest.fail(f"needs {', '.join(missing)}: see tests/parts.txt, or MATRIX_TEST_PARTS=available", pytrace=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(part, ...): commands, devices, or `root`, that the test needs of the machine"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        require(*mark.args)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for part, count in sorted(untested.items()):
        terminalreporter.write_line(f"NOT TESTED: {count} tests need {part}, which is not here", yellow=True)
