import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matrix_console.main import matrix

EXAMPLE = Path(__file__).parents[2] / "examples" / "MATRIX"


def show(*arguments, path=EXAMPLE, width=None, colour=False):
    environment = {
        "COLUMNS": str(width) if width else None,
        "FORCE_COLOR": "1" if colour else None,
        "NO_COLOR": None,
        "TERM": "xterm",
    }
    result = CliRunner(env=environment).invoke(matrix, ["show", "-f", str(path), *arguments], color=True)
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(output):
    return [line.split() for line in output.splitlines()]


def test_hosts_by_roles_where_the_width_allows():
    found = rows(show())
    assert found[0][:5] == ["HOSTS", "N", "lv", "ps", "db"]
    assert ["w[101-103]", "3", "●"] in found
    assert ["w104", "1", "●", "●", "WARN", "fan", "alarm", "4/12"] in found
    assert ["db1", "1", "master"] in found
    assert found[-1] == ["13", "hosts,", "12", "in", "service;", "1", "WARN;", "1", "STOP"]


def test_at_80_columns_roles_are_a_list_and_nothing_is_cut():
    output = show(width=80)
    assert max(map(len, output.splitlines())) <= 80
    assert ["w105", "1", "ps", "cache", "STOP", "disk,", "back", "4/20"] in rows(output)
    assert ["mail1", "1", "mx", "ntp", "log"] in rows(output)
    assert not any(line.endswith(" ") for line in output.splitlines())


def test_a_selector_narrows_it():
    assert rows(show("ps&WARN"))[-1] == ["1", "host,", "1", "in", "service;", "1", "WARN"]
    assert show("ps&db") == "0 hosts, 0 in service\n"


def test_states_are_coloured_where_colours_are_wanted():
    coloured = show("ps", colour=True)
    assert "\x1b[33mWARN" in coloured
    assert "\x1b[1;31mSTOP" in coloured
    assert "\x1b" not in show("ps")


def test_a_thousand_hosts_fold_and_sites_get_a_column(tmp_path):
    text = tmp_path / "MATRIX"
    lines = ["@site tky1", *(f"w{n} 10.1.{n // 256}.{n % 256} [ps]" for n in range(1000)), "@site osk1"]
    lines += [f"v{n} 10.2.{n // 256}.{n % 256} [ps] {'[cache STOP: cold]' if n > 49 else ''}" for n in range(100)]
    text.write_text("\n".join(lines) + "\n")
    output = show(path=text, width=80)
    found = rows(output)
    assert found[0][0] == "SITE"
    assert ["tky1", "w[0-999]", "1000", "●"] in found
    assert max(map(len, output.splitlines())) <= 80
    assert "cache: STOP cold" in output
    assert found[-1] == ["1100", "hosts,", "1100", "in", "service"]


@pytest.mark.parametrize("reason", ["\x1b[31m", "\u202e"])
def test_reasons_reach_no_terminal_raw(tmp_path, reason):
    text = tmp_path / "MATRIX"
    text.write_text(f'a 10.0.0.1 [ps] [STOP: "{reason}x"]\n')
    output = show(path=text)
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "<U+" in output


def test_markup_in_a_reason_stays_text(tmp_path):
    text = tmp_path / "MATRIX"
    text.write_text('a 10.0.0.1 [ps] [STOP: "[bold]x[/nope] :smile:"]\n')
    assert "[bold]x[/nope] :smile:" in show(path=text)


def test_as_json():
    hosts = json.loads(show("w105,db1", "--json"))["hosts"]
    assert [host["name"] for host in hosts] == ["w105", "db1"]
    assert hosts[0]["state"] == {"name": "STOP", "in_service": False, "reason": "disk, back 4/20"}
    assert hosts[0]["properties"] == {"weight": 5}
    assert hosts[0]["roles"]["ps"] == {"in_service": False, "state": None, "properties": {}}
    assert set(hosts[1]["roles"]) == {"db", "db.master"}
