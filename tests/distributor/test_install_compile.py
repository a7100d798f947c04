"""When a host compiles the Python binding: at once where nothing is compiled yet, else when it has come to rest."""

import time

import pytest


def compiled(host):
    found = list((host.root / "etc/__pycache__").glob("dsas.*.pyc"))
    return found[0].read_bytes() if found else b""


def await_true(condition):
    end = time.monotonic() + 60  # it gives way to everything
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.needs("python3")
def test_edits_in_a_row_are_compiled_once_and_the_last_of_them(host, generation):
    host.environment = {"DSAS_REST": "1"}  # seconds
    made = []
    for number in (1, 2, 3):
        source = f"GENERATION = 'number {number}'\n".encode()
        made.append(generation(number, made[-1] if made else None, extra={"/etc/dsas.py": source}))
    host.install(made[0])
    await_true(lambda: b"number 1" in compiled(host))
    host.install(made[1])
    host.install(made[2])
    assert b"number 1" in compiled(host), "no edit waits for it"
    seen = []
    await_true(lambda: seen.append(compiled(host)) or b"number 3" in seen[-1])
    assert not any(b"number 2" in content for content in seen), "what was overtaken is left out"
    assert compiled(host)[4:8] == b"\x03\0\0\0", "PEP 552: checked, by hash"
