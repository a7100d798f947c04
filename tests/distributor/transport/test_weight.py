from __future__ import annotations

import subprocess
import sys

import pytest

import matrix_distributor.transport as transport


def test_everything_that_the_door_names_is_there() -> None:
    for name in transport.__all__:
        assert getattr(transport, name).__name__ in (name, "Generator")
    with pytest.raises(AttributeError, match="Pol"):
        _ = transport.Pol


@pytest.mark.parametrize("name", ["Command", "SSHOptions", "FleetProcess"])
def test_values_cost_no_paramiko(name: str) -> None:
    # The parent package may want a Pool; here it is only a place in which to find this one.
    program = f"""
import sys, types
parent = types.ModuleType("matrix_distributor")
parent.__path__ = [{str(transport.__path__[0]).removesuffix("/transport")!r}]
sys.modules["matrix_distributor"] = parent
from matrix_distributor.transport import {name}
print("paramiko" in sys.modules)
from matrix_distributor.transport import Pool
print("paramiko" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_paramiko_is_the_version_whose_private_parts_are_used() -> None:
    import paramiko

    assert paramiko.__version__.startswith("5.1."), "run these tests with the new version, then pin that one"
