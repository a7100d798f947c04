"""The sh sources: what is sent of them, and that no two uses of a variable are in each other's way."""

import re
import shutil
import subprocess
from importlib.resources import files

import pytest
from matrix_parts import require
from shared_letters import Loss, losses

from matrix_emitters.bindings.sh.assembly import one_line, shortened, template, without_remarks
from matrix_emitters.bindings.sh.fleetwork import PARTS, SENT, SHARED, host_script, part
from matrix_emitters.bindings.sh.registers import FAR, HERE, REGISTERS, register
from matrix_emitters.errors import EmitterError

BINDING = files("matrix_emitters.bindings.sh")
FLEETWORK = BINDING.joinpath("fleetwork")
HOST = FLEETWORK.joinpath("host")
HAND_OVER = files("matrix_distributor.hostside.scripts").joinpath("hand_over.sh")

SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"]]

RUN_TOGETHER = {
    "copy": ("ground", "switch", "copy"),
    "fetch": ("ground", "fetch"),
    "run": ("firm", "run"),
    "survey": ("survey",),
}
"""The sources whose variables are in one shell."""


def source(name: str) -> str:
    return HOST.joinpath(f"{name}.sh").read_text(encoding="ascii")


def templates() -> str:
    folder = BINDING.joinpath("templates")
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(folder.iterdir(), key=str) if path.name.endswith(".j2")
    )


@pytest.mark.parametrize("name", ["copy", "fetch", "firm", "run", "survey", "switch"])
def test_a_host_script_is_sent_as_it_was(name, pytestconfig, regenerate):
    path = pytestconfig.rootpath / "tests" / "emitters" / "golden" / "host" / f"{name}.txt"
    if regenerate:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(host_script(name) + "\n", encoding="ascii")
    assert host_script(name) + "\n" == path.read_text(encoding="ascii")


@pytest.mark.parametrize("name", ["copy", "fetch", "run", "survey"])
def test_what_is_a_word_of_a_command_line_has_nothing_that_csh_reads_in_a_way_of_its_own(name):
    assert "\n" not in host_script(name)
    assert "'" not in host_script(name), "each takes five bytes in a quoted word"
    assert not re.search(r"!(?![ =;])", host_script(name)), "csh puts an earlier command there"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda s: s[0])
@pytest.mark.parametrize("sent", [False, True], ids=["as it is written", "as it is sent"])
def test_every_shell_reads_the_host_scripts(shell, sent, tmp_path):
    require(shell[0])
    for name in ("copy", "fetch", "firm", "ground", "run", "survey", "switch"):
        (tmp_path / name).write_text(host_script(name) if sent else source(name))
        subprocess.run([shutil.which(shell[0]), *shell[1:], "-n", str(tmp_path / name)], check=True)


def test_shellcheck_finds_nothing_in_the_host_scripts():
    require("shellcheck")
    paths = [
        str(HOST.joinpath(f"{name}.sh")) for name in ("copy", "fetch", "firm", "ground", "run", "survey", "switch")
    ]
    done = subprocess.run(["shellcheck", "-s", "sh", *paths], capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("together", RUN_TOGETHER)
def test_no_value_of_a_host_script_is_lost_to_another_name_of_its_letter(together):
    text = "".join(map(source, RUN_TOGETHER[together])) + (HAND_OVER.read_text() if together == "copy" else "")
    assert losses(text, FAR) == []


def test_no_value_of_the_sh_functions_is_lost_to_another_name_of_its_letter():
    small = {letter: names for letter, names in REGISTERS.items() if letter.islower()}
    assert losses(templates(), small, "DSAS__") == []


def test_no_value_of_fleetwork_in_sh_is_lost_to_another_name_of_its_letter():
    text = "".join(path.read_text() for path in FLEETWORK.iterdir() if path.name.endswith(".sh"))
    assert losses(text + BINDING.joinpath("templates", "fleet.sh.j2").read_text(), HERE) == []


def test_a_lost_value_is_found():
    text = "outer() {\n    path=/etc\n    inner\n    cd $path\n}\ninner() {\n    place=/tmp\n}\n"
    assert losses(text, {"p": "path place"}) == [Loss("outer", "path", frozenset({"place"}))]
    assert losses(text, {"p": "path", "q": "place"}) == []


def test_no_source_has_a_variable_of_one_letter():
    sources = [path for folder in (HOST, FLEETWORK) for path in folder.iterdir() if path.name.endswith(".sh")]
    for path in [*sources, HAND_OVER]:
        code = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
        code = re.sub(r"'[^']*'", "''", code)  # awk(1) has variables of its own
        assert re.findall(r"\$\{?[A-Za-z]\b", code) == [], path.name
    assert re.findall(r"DSAS__[A-Za-z]\b", templates()) == []


@pytest.mark.parametrize("table", [REGISTERS, FAR, HERE], ids=["REGISTERS", "FAR", "HERE"])
def test_each_name_has_one_letter_and_each_is_used(table):
    names = [name for names in table.values() for name in names.split()]
    assert len(names) == len(set(names))
    written = templates() + HAND_OVER.read_text() + BINDING.joinpath("tables.py").read_text()
    written += "".join(
        p.read_text() for folder in (HOST, FLEETWORK) for p in folder.iterdir() if p.name.endswith(".sh")
    )
    words = set(re.findall(r"[A-Za-z]+(?:_[A-Za-z]+)*", written.replace("DSAS__", " ")))
    assert {name for name in names if name not in words} <= {"ROLE_ALL", "ROLE_SERVING", "GROUP_ALL", "GROUP_SERVING"}


def test_a_register_that_has_no_letter_is_refused():
    with pytest.raises(EmitterError, match="DSAS__colour has no letter"):
        register("colour")
    with pytest.raises(EmitterError, match="DSAS__colour has no letter"):
        template("DSAS__colour=red\n")


def test_comments_for_who_changes_a_template_stay_here():
    assert template("# For hosts: $DSAS__key\n## For us.\n    ## And this.\necho\n") == "# For hosts: $DSAS__k\necho\n"


def test_lines_become_one():
    script = """\
# A comment.
greet() { # NAME
    case $1 in
        "#"|none) return ;;
        *)
            for path in /etc /usr; do
                (
                    cd "$path" && # there
                        ls
                ) 2>/dev/null
            done ;;
    esac
}
if greet "$facts"; then
    echo "the path" && left=$((left + 1))
else
    greet & worker=$!
fi
"""
    assert one_line(script) == (
        'greet() { case $1 in "#"|none) return;; '
        '*) for p in /etc /usr; do (cd "$p" && ls) 2>/dev/null; done;; esac; }; '
        'if greet "$o"; then echo "the path" && n=$((n + 1)); else greet & p=$!; fi'
    )


def test_a_text_that_goes_over_a_line_end_is_refused():
    with pytest.raises(EmitterError, match="a text does not end in its line"):
        one_line("echo 'one\ntwo'\n")


def test_words_of_a_message_stay_as_they_are():
    assert shortened('no 70 "the path to place"\n') == 'no 70 "the path to place"\n'
    assert without_remarks("  # none\necho $path # $path\n") == "echo $p # $p\n"


def test_what_the_three_commands_send_and_have_exists():
    assert {name for names in SENT.values() for name in names} <= {
        path.name.removesuffix(".sh") for path in HOST.iterdir()
    }
    assert all(part(name) for names in PARTS.values() for name in names)
    assert set(SHARED.values()) == {"ground", "firm"}
