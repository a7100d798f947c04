"""What tests of commands share: a fleet of five hosts, and the machine on which several people call them."""

import tempfile
from pathlib import Path

import pytest
from users_machine import Machine


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """The hosts of `matrix_site.BALANCED`; a file that needs others has a fixture of this name."""
    from matrix_site import HOSTS, embedded

    yield from embedded(HOSTS, tmp_path_factory, remove=True)


@pytest.fixture(params=[True, False])
def over_ssh(request, fleet, monkeypatch):
    """Whether a host is adopted over SSH, where `matrix adopt` finds it by name, or from its files."""
    monkeypatch.setenv("MATRIX_SSH_CONFIG", str(fleet.ssh_config))
    return request.param


@pytest.fixture(scope="module")
def _place():
    """The folder of the machine's own that each case covers with one of its own."""
    place = Path("/etc/matrix")
    made = not place.exists()
    place.mkdir(exist_ok=True)
    yield
    if made:
        place.rmdir()


@pytest.fixture
def machine(_place):
    with tempfile.TemporaryDirectory(prefix="matrix-trust.") as folder:  # pytest's own lets nobody but root in
        Path(folder).chmod(0o755)
        yield Machine(Path(folder))
