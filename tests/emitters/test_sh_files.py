from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conformance import FLEETS, fleet
from matrix_parts import require
from shells import SHELLS, run, source

from matrix_emitters import EmitterError
from matrix_emitters.bindings import build
from matrix_grammar import Fleet
from matrix_grammar.model import Host, Membership, Role, RoleSection, texts

FILES = ("etc/dsas.conf", "etc/dsas.d/dsas.sh")


@pytest.mark.parametrize("name", FLEETS)
def test_shellcheck_has_nothing_to_say(name: str, placed: Callable[..., Path]) -> None:
    require("shellcheck")
    # The functions are the same for every fleet, and shellcheck takes half a minute to read a thousand records.
    wanted = FILES[:1] if name == "thousand" else FILES
    files = [str(placed(name, "sh") / file) for file in wanted]
    told = subprocess.run(["shellcheck", "--shell=sh", *files], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


@pytest.mark.parametrize("name", FLEETS)
def test_every_name_in_the_files_is_its_own(name: str, placed: Callable[..., Path]) -> None:
    for file in FILES:
        text = re.sub(r"^#.*|\{ # .*", "{", (placed(name, "sh") / file).read_text(), flags=re.MULTILINE)
        code = re.sub(r"'[^']*'|\\'", "''", text)
        assigned = re.findall(r"(?:^|[\s;{(])([A-Za-z_]\w*)=", code)
        defined = re.findall(r"^\s*([A-Za-z_]\w*)\(\)", code, re.MULTILINE)
        looped = re.findall(r"\bfor (\w+)", code)
        assert defined
        foreign = {each for each in (*assigned, *defined, *looped) if not re.match("DSAS_|dsas_", each)}
        # IFS and LC_ALL are put back at once, which tests look at; `wanted` is awk's; people type FORALL
        assert foreign <= {"IFS", "LC_ALL", "wanted", "FORALL", "SYNCALL", "DIFFALL"}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", FLEETS)
def test_the_variables_hold_the_lists_and_properties_of_every_role(
    shell: str, name: str, placed: Callable[..., Path]
) -> None:
    require(SHELLS[shell][0])
    wanted = {"DSAS_ALL": " ".join(host.name for host in fleet(name))}
    for role in fleet(name).roles.values():
        variable = "DSAS_" + re.sub("[-.]", "_", role.name.upper())
        serving = [host.name for host in role.in_service]
        out = [host.name for host in role.hosts if host.name not in serving]
        wanted |= {variable: " ".join(serving), f"{variable}__ALL": " ".join(serving + out)}
        for key in {key for section in role.sections for key in section.properties}:
            value = role.property(key)
            assert value is not None
            wanted[f"{variable}__{re.sub('[-.]', '_', key.upper())}"] = "\n".join(texts(value))
    for group in fleet(name).groups.values():
        variable = "DSAS_" + re.sub("[-.]", "_", group.name.upper())
        serving = [each for each in group.hosts if fleet(name).host(each).in_service]
        out = [each for each in group.hosts if each not in serving]
        wanted |= {variable: " ".join(serving), f"{variable}__ALL": " ".join(serving + out)}
    asked = "".join(f"cat <<E\n${variable}\n@@\nE\n" for variable in wanted)
    status, output, errors = run(shell, f"set -eu\n{source(placed(name, 'sh'))}{asked}")
    assert (status, errors) == (0, "")
    assert dict(zip(wanted, output.split("\n@@\n"), strict=False)) == wanted


def test_the_lists_of_the_example_read_like_this(placed: Callable[..., Path]) -> None:
    conf = (placed("example", "sh") / "etc/dsas.conf").read_text()
    assert "\nDSAS_PS='w101 w102 w103 w104'\nDSAS_PS__ALL=\"$DSAS_PS w105\"\n" in conf
    assert "\nDSAS_PS__VIP='203.0.113.80:80\n203.0.113.80:443'\n" in conf
    assert "\nDSAS_DB_MASTER='db1'\nDSAS_DB_MASTER__ALL=$DSAS_DB_MASTER\n" in conf


@pytest.mark.parametrize(
    ("host", "role", "value"), [("w1", "web", "a\0b"), ("w1;ls", "web", "a"), ("w 1'", "web", "a"), ("$w", "web", "a")]
)
def test_what_sh_cannot_hold_fails_the_build(host: str, role: str, value: str) -> None:
    one = Host(host, (), host, memberships=(Membership(role),))
    made = Fleet((one,), {role: Role(role, "", (RoleSection(None, {"x": value}),), None, (one,))}, {}, {}, {})
    with pytest.raises(EmitterError, match=r"NUL|a name that is not one"):
        build(made, 1, only=["sh"])
