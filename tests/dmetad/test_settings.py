"""Settings: `[dmetad]` of matrix.toml, over it the environment, over that an option; and edits of them."""

from __future__ import annotations

import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest
from dmetad_server import environment, eventually

from matrix_common.settings import SettingsError
from matrix_console.settings import load
from matrix_dmetad.serving.options import invocation
from matrix_dmetad.serving.snapshots import CurrentGeneration, PlainFile
from matrix_dmetad.settings import Settings, known, settings_from

MATRIX = "[ps]\n  w1 10.0.0.1\n"


def settings(folder: Path, toml: str, arguments: list[str], env: dict[str, str]) -> Settings:
    (folder / "MATRIX").write_text(MATRIX, encoding="utf-8")
    (folder / "matrix.toml").write_text(toml, encoding="utf-8")
    return PlainFile(folder / "MATRIX", invocation(arguments, env).over).settings()


def test_every_setting_stands_in_the_file_the_environment_and_the_options_in_rising_order(tmp_path):
    values: dict[type, tuple[object, ...]] = {
        tuple: (("10.0.0.0/8",), ("10.1.0.0/16",), ("10.2.0.0/16",)),
        str: ("X-A: 1", "X-A: 2", "X-A: 3"),
        bool: (True, False, True),
        float: (11.5, 12.5, 13.5),
        int: (11, 12, 13),
    }
    for item in known():
        file, env, option = values[type(item.default)]
        spelled = [each[0] if isinstance(each, tuple) else str(each).lower() for each in (file, env, option)]
        toml = f"[dmetad]\n{item.field} = " + (
            f'["{spelled[0]}"]' if item.is_list else repr(file).replace("True", "true")
        )
        flag = "--" + item.field.replace("_", "-")
        variables = {item.variable: env if isinstance(env, str) else spelled[1]}
        options = [flag] if item.type is bool else [flag, option if isinstance(option, str) else spelled[2]]
        assert getattr(settings(tmp_path, "", [], {}), item.field) == item.default
        assert getattr(settings(tmp_path, toml, [], {}), item.field) == file
        assert getattr(settings(tmp_path, toml, [], variables), item.field) == env
        assert getattr(settings(tmp_path, toml, options, variables), item.field) == option


def test_several_values_and_a_no(tmp_path):
    toml = '[dmetad]\naccess_log = true\nallow = ["10.0.0.0/8", "::1/128"]\n'
    made = settings(tmp_path, toml, ["--no-access-log", "--host-name", "meta", "--host-name", "m2"], {})
    assert (made.access_log, made.host_name) == (False, ("meta", "m2"))
    assert len(made.networks) == 2
    assert settings(tmp_path, "", [], {"MATRIX_DMETAD_LISTEN": "[::1]:80 unix:/run/m"}).listen == (
        "[::1]:80",
        "unix:/run/m",
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("lisen = []", "there is no setting dmetad.lisen; did you mean dmetad.listen"),
        ('listen = "127.0.0.1:80"', "dmetad.listen: '127.0.0.1:80' is not a list of texts"),
        ("listen = []", "dmetad.listen: no address"),
        ('allow = ["10.6.0.1/16"]', "dmetad.allow: 10.6.0.1/16 has host bits set"),
        ('require_header = "no colon"', "is not of the form 'NAME: VALUE'"),
        ("rate = -1", "dmetad.rate: -1.0 is below zero"),
        ("waiters = 1.5", "dmetad.waiters: 1.5 is not a whole number"),
        ("url = 1000000000", "is not below a thousand million"),
    ],
)
def test_what_is_wrong_is_refused_by_dmetad_and_before_a_push_by_matrix(tmp_path, table, said):
    with pytest.raises(SettingsError) as caught:
        load_by_matrix(tmp_path, f"[dmetad]\n{table}\n")
    assert str(caught.value).startswith(f"{tmp_path}/matrix.toml: ")
    assert said in str(caught.value)
    done = subprocess.run(
        [sys.executable, "-m", "matrix_dmetad", "-f", "MATRIX"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def load_by_matrix(folder: Path, toml: str) -> None:
    (folder / "MATRIX").write_text(MATRIX, encoding="utf-8")
    (folder / "matrix.toml").write_text(toml, encoding="utf-8")
    load(folder, {})


def test_matrix_knows_the_settings_of_dmetad(tmp_path):
    load_by_matrix(tmp_path, '[dmetad]\nallow = ["10.0.0.0/8"]\n[push]\nfanout = 3\n')


def test_a_host_without_a_generation_goes_by_what_the_command_says(tmp_path):
    origin = CurrentGeneration(tmp_path, invocation(["--rate", "7"], {}).over)
    assert origin.settings() == settings_from({}, "", {"rate": 7.0})


def test_an_edit_of_the_settings_holds_from_the_next_request_on_also_on_open_connections(dmetad, tmp_path):
    (tmp_path / "MATRIX").write_text(MATRIX, encoding="utf-8")
    toml = tmp_path / "matrix.toml"
    server = dmetad("-f", "MATRIX")
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)

    def status() -> int:
        connection.request("GET", "/ps/node")
        response = connection.getresponse()
        response.read()
        return response.status

    assert [status() for _ in range(3)] == [200] * 3
    toml.write_text('[dmetad]\nallow = ["192.0.2.0/24"]\n', encoding="utf-8")
    eventually(lambda: status() == 403)
    assert [status() for _ in range(3)] == [403] * 3
    toml.write_text('[dmetad]\nallow = ["192.0.2.0/33"]\n', encoding="utf-8")
    eventually(lambda: "dmetad.allow: '192.0.2.0/33'" in server.log)
    assert status() == 403, "a bad setting does not open what was closed"
    toml.write_text('[dmetad]\nhost_name = ["meta"]\nlisten = ["127.0.0.1:1"]\n', encoding="utf-8")
    eventually(lambda: status() == 421)
    toml.unlink()
    eventually(lambda: status() == 200)
    connection.close()
