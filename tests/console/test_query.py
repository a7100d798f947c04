"""`matrix query` and `matrix get`: questions to the example MATRIX."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matrix_console.main import matrix

EXAMPLE = Path(__file__).parents[2] / "examples" / "MATRIX"


def ask(*arguments):
    return CliRunner().invoke(matrix, [arguments[0], "-f", str(EXAMPLE), *arguments[1:]])


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["ps!(WARN,STOP)"], "w[101-103]\n"),
        (["cache", "-x"], "w104\nw105\n"),
        (["cache", "--expand"], "w104\nw105\n"),
        (["*", "--count"], "13\n"),
        (["ps&db"], ""),
        (["ps&db", "-x"], ""),
        (["ps&db", "--count"], "0\n"),
    ],
)
def test_query(arguments, output):
    result = ask("query", *arguments)
    assert (result.exit_code, result.output) == (0, output)


def test_query_as_json():
    result = ask("query", "cache", "--json")
    assert json.loads(result.stdout) == {
        "selector": "cache",
        "count": 2,
        "folded": "w[104-105]",
        "hosts": ["w104", "w105"],
    }


@pytest.mark.parametrize("selector", ["pss", "ps&&db", "w[101-199]", "", "wieght=3"])
def test_a_wrong_selector_ends_with_2_and_prints_no_host(selector):
    result = ask("query", selector)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--> selector:1:" in result.stderr


def test_a_matrix_with_a_mistake_answers_nothing(tmp_path):
    text = tmp_path / "MATRIX"
    text.write_text("a 10.0.0.1 [ps]\nb 10.0.0.1 [ps]\n")
    result = CliRunner().invoke(matrix, ["query", "-f", str(text), "ps"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "M036" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["w101", "weight"], "10\n"),
        (["W101", "weight"], "10\n"),
        (["w101.example.jp", "weight"], "10\n"),
        (["w104", "weight", "--role", "cache"], "5\n"),
        (["w104", "sched", "--role", "ps"], "wlc\n"),
        (["w104", "os"], "debian\n"),
        (["ps", "vip"], "203.0.113.80:80\n203.0.113.80:443\n"),
        (["ps", "vip", "--site", "tky1"], "203.0.113.80:80\n203.0.113.80:443\n"),
        (["ps", "meaning"], "page servers\n"),
        (["cache", "hosts"], "w104\nw105\n"),
        (["calm", "selector"], "ps!cache\n"),
        (["calm", "hosts"], "w101\nw102\nw103\n"),
        (["mail1", "addresses"], "10.6.4.1\n2001:db8:4::1\n"),
        (["vpn.example.net", "address"], "vpn.example.net\n"),
        (["w104", "name"], "w104\n"),
        (["w104", "site"], "tky1\n"),
        (["w104", "rack"], "A01\n"),
        (["w104", "fullname"], "w104.example.jp\n"),
        (["db1", "roles"], "db\ndb.master\n"),
        (["w105", "state"], "STOP\n"),
        (["w105", "reason"], "disk, back 4/20\n"),
        (["w105", "state", "--role", "cache"], "STOP\n"),
        (["mail1", "note"], "one machine, three roles\n"),
        (["w104", "weight", "--default", "7"], "7\n"),
    ],
)
def test_get(arguments, output):
    result = ask("get", *arguments)
    assert result.stderr == ""
    if arguments == ["db1", "roles"]:
        assert sorted(result.output.split()) == ["db", "db.master"]
    else:
        assert (result.exit_code, result.output) == (0, output)


def test_get_as_json_keeps_the_type():
    result = ask("get", "w101", "weight", "--json")
    assert json.loads(result.stdout) == {"name": "w101", "property": "weight", "role": None, "site": None, "value": 10}
    assert json.loads(ask("get", "ps", "vip", "--json").stdout)["value"] == ["203.0.113.80:80", "203.0.113.80:443"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["w104", "weight"], 1, "w104 has no value for weight"),
        (["w101", "state"], 1, "no value for state"),
        (["ps", "vrid"], 1, "ps has no value for vrid"),
        (["w104", "vrid", "--role", "ps"], 1, "w104 in ps has no value"),
        (["w1O4", "weight"], 2, "did you mean w104"),
        (["w104", "wieght", "--default", "7"], 2, "did you mean weight?"),
        (["ps", "wieght"], 2, "did you mean weight?"),
        (["w104", "weight", "--role", "cahce"], 2, "did you mean cache?"),
        (["w104", "weight", "--role", "db"], 2, "w104 is not in db; it is in"),
        (["ps", "vip", "--site", "tky2"], 2, "unknown site tky2; sites here: tky1"),
        (["ps", "vip", "--role", "ps"], 2, "--role is for hosts"),
        (["w104", "weight", "--site", "tky1"], 2, "--site is for roles"),
        (["calm", "weight"], 2, "a group has name, selector and hosts"),
        (["calm", "hosts", "--site", "tky1"], 2, "--site is for roles"),
    ],
)
def test_get_never_guesses(arguments, status, said):
    result = ask("get", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert said in result.stderr
