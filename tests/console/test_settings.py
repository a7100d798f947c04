"""Settings: matrix.toml below the environment, and what is wrong in them."""

from pathlib import Path

import pytest

from matrix_console.settings import Settings, SettingsError, known, load


def written(folder: Path, text: str) -> Path:
    (folder / "matrix.toml").write_text(text)
    return folder


def test_without_a_file_every_setting_has_a_default_that_works(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.push_fanout == 32
    assert settings.state == tmp_path / ".matrix"


def test_the_file_overrides_the_default_and_the_environment_overrides_the_file(tmp_path: Path) -> None:
    written(tmp_path, '[push]\nfanout = 8\nretry = 2\n[watch]\nquiet = 1\n[ssh]\nconfig = "etc/ssh_config"\n')
    settings = load(tmp_path, {"MATRIX_PUSH_FANOUT": "64", "MATRIX_WATCH_REPAIR": "yes"})
    assert (settings.push_fanout, settings.push_retry) == (64, 2)
    assert settings.watch_quiet == 1.0
    assert settings.watch_repair is True
    assert settings.ssh_config == tmp_path / "etc/ssh_config"


def test_a_setting_may_be_a_table_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, '[bindings.files."/etc/dsas.conf"]\nmode = "0640"\n')
    assert load(tmp_path, {}).bindings_files == {"/etc/dsas.conf": {"mode": "0640"}}


def test_tables_below_reflect_are_entries_beside_its_own_settings(tmp_path: Path) -> None:
    written(tmp_path, '[reflect]\npause = 0\n[reflect.motd]\nhosts = "ps"\n[reflect.keepalived]\npush = true\n')
    settings = load(tmp_path, {"MATRIX_REFLECT_LIMIT": "5"})
    assert settings.reflect_entries == {"motd": {"hosts": "ps"}, "keepalived": {"push": True}}
    assert (settings.reflect_pause, settings.reflect_limit) == (0.0, 5.0)
    assert settings.reflect_templates == tmp_path / "templates"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[push]\nfanuot = 8\n", "there is no setting push.fanuot; did you mean push.fanout"),
        ('[push]\nfanout = "8"\n', "push.fanout: '8' is not a whole number"),
        ("[reflect]\npuase = 1\n", "there is no setting reflect.puase; did you mean reflect.pause"),
        ("[push]\nfanout = -1\n", "push.fanout: -1 is below zero"),
        ("[push]\nlocal = 1\n", "push.local: 1 is not true or false"),
        ("[push\n", "not TOML"),
        ("[bindings]\nfiles = 3\n", "bindings.files: 3 is not a table"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, text), {})
    assert str(caught.value).startswith(str(tmp_path / "matrix.toml"))
    assert message in str(caught.value)


def test_a_wrong_value_of_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\$MATRIX_PUSH_FANOUT: 'many' is not a whole number"):
        load(tmp_path, {"MATRIX_PUSH_FANOUT": "many"})


def test_every_setting_has_a_meaning_and_a_key_of_its_own() -> None:
    items = list(known())
    assert len({item.key for item in items}) == len({item.variable for item in items}) == len(items)
    assert all(item.meaning for item in items)
    assert Settings()


@pytest.mark.parametrize("where", ["environment", "file"])
def test_an_empty_path_is_none(where: str, tmp_path: Path) -> None:
    """`MATRIX_SIGN_KEY=` takes away what matrix.toml says: to be signed by the working folder is nobody's wish."""
    (tmp_path / "matrix.toml").write_text(f'[sign]\nkey = "{"" if where == "file" else "key"}"\n')
    environment = {"MATRIX_SIGN_KEY": "", "MATRIX_SSH_CONFIG": ""} if where == "environment" else {}
    settings = load(tmp_path, environment)
    assert (settings.sign_key, settings.ssh_config) == (None, None)


@pytest.mark.parametrize("name", ["STATE", "REFLECT_TEMPLATES"])
def test_an_empty_path_where_one_is_needed_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"^\$MATRIX_{name}: a path is missing$"):
        load(tmp_path, {f"MATRIX_{name}": ""})


def test_a_home_of_nobody_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^\$MATRIX_STATE: there is no user nosuchuser$"):
        load(tmp_path, {"MATRIX_STATE": "~nosuchuser/state"})
