"""`matrix check`, `matrix explain`, `matrix init`, as they are called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matrix_console.main import matrix as matrix_command

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "MATRIX"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(matrix_command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "MATRIX"
    path.write_text("w1  10.0.0.1  [WARM]\nw2  10.0.0.1\nw3  -  weigth=1\n")
    return path


def test_a_good_matrix_is_counted(tmp_path: Path) -> None:
    for arguments in (["check", EXAMPLE], ["check", "-f", EXAMPLE], ["check", EXAMPLE.parent]):
        result = run(*arguments)
        assert (result.exit_code, result.output) == (0, f"{EXAMPLE}: 13 hosts, 14 roles, 2 groups\n")


def test_mistakes_are_shown_and_end_with_1(wrong: Path) -> None:
    result = run("check", wrong)
    assert result.exit_code == 1
    assert [line[:11] for line in result.output.splitlines() if "[M0" in line] == [
        "error[M012]",
        "error[M036]",
        "warning[M03",
    ]
    assert result.output.endswith("\n\n2 errors and 1 warning\n")


def test_the_concise_form_is_one_line_each(wrong: Path) -> None:
    lines = run("check", wrong, "--format", "concise").output.splitlines()
    assert lines[0] == f"{wrong}:1:16: error[M012]: unknown state WARM (did you mean WARN?)"
    assert len(lines) == 3


def test_a_text_that_is_not_saved_yet_is_checked_with_what_stands_beside_it(tmp_path: Path) -> None:
    matrix = tmp_path / "MATRIX"
    matrix.write_text("nothing of this counts\n")
    (tmp_path / "more.matrix").write_text("w2  10.0.0.2  [web]\n")
    asked = ["check", "-", "-f", str(matrix), "--format", "concise"]
    unsaved = "@include more.matrix\n{}  10.0.0.1  [web]\n"
    good = CliRunner().invoke(matrix_command, asked, input=unsaved.format("w1"))
    assert (good.exit_code, good.output) == (0, "")
    wrong = CliRunner().invoke(matrix_command, asked, input=unsaved.format("w2"))
    assert wrong.exit_code == 1
    assert wrong.output.startswith(f"{matrix}:2:1: error[M035]: host w2 is declared twice")


def test_the_json_form_counts_all_and_lists_some(wrong: Path) -> None:
    result = run("check", wrong, "--format", "json", "--max-errors", 1)
    found = json.loads(result.output)
    assert (found["usable"], found["errors"], found["warnings"], len(found["diagnostics"])) == (False, 2, 1, 1)
    assert result.exit_code == 1


def test_the_github_form(wrong: Path) -> None:
    assert run("check", wrong, "--format", "github").output.startswith(f"::error file={wrong},line=1,col=16")


def test_a_thousand_mistakes_are_listed_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "MATRIX"
    path.write_text("".join(f"w{n} - [WARM]\n" for n in range(1000)))
    assert run("check", path).output.count("unknown state") == 100
    assert run("check", path, "--max-errors", 0).output.count("unknown state") == 1000
    assert "1,000 errors, 990 of them not shown" in run("check", path, "--max-errors", 10).output


def test_warnings_count_only_when_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "MATRIX"
    path.write_text("w1  -  weigth=1\n")
    assert run("check", path).exit_code == 0
    assert run("check", path, "--warnings-as-errors").exit_code == 1


def test_a_missing_file_is_a_mistake_of_the_matrix(tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "error[M001]" in result.output


def test_wrong_usage_ends_with_2() -> None:
    assert run("check", "--format", "xml").exit_code == 2


def test_escapes_of_a_hostile_text_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "MATRIX"
    path.write_text('w1  -  [STOP: "\x1b[2J\u202e"]  [WARM]\n\x9b31m -\n')
    for form in ("full", "concise", "json", "github"):
        output = run("check", path, "--format", form).output
        assert not {"\x1b", "\u202e", "\x9b"} & set(output)


def test_a_stage_of_the_work_on_a_host_is_explained_too() -> None:
    output = run("explain", "host-key").output
    assert output.startswith("host key: a stage of the work on a host\n")
    assert "ssh-keygen -R HOST" in output
    assert json.loads(run("explain", "host key", "--json").output)["stage"] == "host key"
    result = run("explain", "host-kye")
    assert (result.exit_code, "did you mean host-key?" in result.output + result.stderr) == (2, True)


def test_a_code_is_explained_by_its_examples() -> None:
    output = run("explain", "m012").output
    assert output.startswith("error[M012]: unknown state\n")
    assert "did you mean WARN?" in output
    assert "    w1  10.0.0.1  [web]  [WARN: fan]" in output


def test_all_codes_are_listed() -> None:
    lines = run("explain").output.splitlines()
    assert lines[0] == "M001  error    a file cannot be read"
    assert len(lines) == len(json.loads(run("explain", "--json").output)) > 50


def test_an_unknown_code_ends_with_2() -> None:
    result = run("explain", "M999")
    assert result.exit_code == 2
    assert "there is no diagnostic M999" in result.output


def test_init_writes_a_matrix_that_passes_its_check(tmp_path: Path) -> None:
    assert run("init", tmp_path / "site").exit_code == 0
    result = run("check", tmp_path / "site", "--warnings-as-errors")
    assert (result.exit_code, result.output) == (0, f"{tmp_path / 'site' / 'MATRIX'}: 5 hosts, 2 roles, 1 group\n")
    assert run("fmt", "--check", "-f", tmp_path / "site").exit_code == 0


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "MATRIX").write_text("mine\n")
    assert run("init", tmp_path).exit_code == 2
    assert (tmp_path / "MATRIX").read_text() == "mine\n"


def test_a_table_that_no_push_would_take_is_said_beside_what_is_wrong_in_the_text(wrong: Path) -> None:
    settings = wrong.with_name("matrix.toml")
    for table, cure in (
        ("[reflect.keepalvied]\npush = true\n", "did you mean keepalived?"),
        ("[reflect.keepalived]\npsuh = true\n", "did you mean push?"),
        ('[reflect.keepalived]\npush = "yes"\n', "is not true or false"),
    ):
        settings.write_text(table)
        result = run("check", wrong)
        assert result.exit_code == 2
        assert "error[M012]" in result.output
        assert cure in result.output
    settings.write_text("[reflect.keepalived]\npush = true\n")
    assert run("check", wrong).exit_code == 1


def test_values_that_are_refused_in_the_next_release_say_how_to_keep_them(tmp_path: Path) -> None:
    path = tmp_path / "MATRIX"
    path.write_text("[web]  sched=wcl\n    w1  10.0.0.1\n")
    result = run("check", path)
    assert result.exit_code == 0
    assert "warning[M066]: sched: wcl is no scheduler: the next release refuses it" in result.output
    assert "to keep it, put into the MATRIX: @property sched text" in result.output
    path.write_text("@property sched text\n" + path.read_text())
    assert run("check", path, "--warnings-as-errors").exit_code == 0
