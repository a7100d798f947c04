"""The sh binding as a guest in another program: what it must leave as it was, and what it must bear."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from conformance import fleet
from matrix_parts import require
from shells import SHELLS, run, source

from matrix_emitters.bindings import build
from matrix_grammar.reading import loads

every_shell = pytest.mark.parametrize("shell", SHELLS)

# Each question once, also with what is refused; the answers go nowhere.
QUESTIONS = """
dsas_hosts; dsas_hosts web; dsas_hosts '(web!w1*),w[1-2]^name=w1&site=s!rack=r'; dsas_serving web; dsas_serving g
dsas_roles; dsas_roles w1; dsas_groups; dsas_sites; dsas_name W1.D.example; dsas_address w1; dsas_addresses w1
dsas_fullname w1; dsas_site w1; dsas_rack w1; dsas_note w1; dsas_state w1; dsas_reason w1 web; dsas_get w1 weight 3
dsas_get_in w1 web weight 3; dsas_role_get web weight 3; dsas_role_get_at web s weight 3; dsas_meaning web
dsas_self; dsas_self_roles; dsas_is w1 web; dsas_in_service w1 web; dsas_ask state w1
dsas_get nosuch x; dsas_get w1 nosuch; dsas_hosts nosuch; dsas_hosts 'weight>=03.50,state!=STOP'; dsas_hosts '('
"""
TEXT = """
@domain d.example
@site s
@rack r
[web]
    w[1-2] 10.0.0.[1-2]
    w3 10.0.0.3 [STOP: "a 'b'"]
@group g = web
"""

CHANGING = """
_ status pipestatus PIPESTATUS LINENO RANDOM SRANDOM SECONDS EPOCHREALTIME EPOCHSECONDS BASH_ARGC BASH_ARGV BASH_LINENO
BASH_SOURCE FUNCNAME BASH_COMMAND BASH_EXECUTION_STRING BASH_SUBSHELL BASH_MONOSECONDS TTYIDLE PPID ERRNO HISTCMD
ZSH_EVAL_CONTEXT ZSH_SUBSHELL argv funcstack functrace funcfiletrace funcsourcetrace BASH_REMATCH KSH_MATCH match
"""


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plain")
    place(root, TEXT, 1)
    return root


def place(root: Path, text: str, generation: int) -> None:
    for artifact in build(loads(text), generation, only=["sh"]):
        target = root / artifact.path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(artifact.content)


def variables(listing: str) -> dict[str, str]:
    """The variables of `set`, without what a shell changes by itself."""
    found = dict(re.findall(r"^([A-Za-z_][A-Za-z0-9_]*)=(.*)$", listing, re.MULTILINE))
    return {name: value for name, value in found.items() if name not in CHANGING.split()}


@every_shell
def test_touches_no_name_but_its_own_and_no_option_trap_or_argument(shell: str, plain: Path, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    look = "set > {0}.set; set -o > {0}.options; export -p > {0}.exports; trap > {0}.traps; alias > {0}.aliases\n"
    look += 'printf "%s\\n" "$#" "$@" "$-" "$IFS" "$PWD" > {0}.rest; umask >> {0}.rest\n'
    script = (
        f"cd '{tmp_path}'\nset -- one 'two  three'\ntrap : HUP\nalias ls='ls -l'\nIFS=' ,x'\nv=1\nf() {{ :; }}\n"
        + look.format("before") + source(plain).replace("DSAS_DIR", "DSAS_SELF=w1 DSAS_DIR")
        + "{" + QUESTIONS + "} > said 2> refused\n" + look.format("after")
    )  # fmt: skip
    (tmp_path / "script").write_text(script)
    status, output, errors = run(shell, f". '{tmp_path}/script'")
    assert (status, output, errors) == (0, "", "")
    for part in ("options", "traps", "aliases", "rest"):
        assert (tmp_path / f"after.{part}").read_text() == (tmp_path / f"before.{part}").read_text(), part
    exported = [
        re.findall(r"(?:export|declare -x|typeset -x) (?:-T )?([A-Z]\w*)", (tmp_path / f"{when}.exports").read_text())
        for when in ("before", "after")
    ]
    assert exported[0] == exported[1]
    assert "PATH" in exported[0]
    before, after = (variables((tmp_path / f"{when}.set").read_text()) for when in ("before", "after"))
    assert {name: after.get(name) for name in before} == before
    assert "DSAS_WEB" in after
    foreign = [name for name in after if name not in before and not re.match(r"DSAS_|dsas_", name)]
    assert not foreign
    assert (tmp_path / "refused").read_text().count("dsas: ") == 4
    assert (tmp_path / "said").read_text().count("\n") == 32


ALIASED = """
eval set unset printf print echo command shift return emulate setopt shopt read break continue false true uname awk test
local typeset ls export
"""
HOSTILE = {
    "every option": "set -efu",
    "a hostile IFS": "IFS='acdeghinorstw0123456789.:/_-'",
    "no IFS": "unset IFS",
    "allexport": "set -a",
    "noclobber": "set -C",
    "aliases": "".join(f"alias {word}='echo ALIASED {word}'\n" for word in ALIASED.split()),
    "a foreign DSAS__t": "DSAS__t='*' DSAS__k=x DSAS__r=y DSAS__v='\\' DSAS__nl=q",
    "Japanese": "LC_ALL=C.UTF-8; export LC_ALL",
}
OWN = {
    "zsh": "setopt ksharrays extendedglob shwordsplit globsubst rcquotes nullglob warncreateglobal noclobber\n"
    "setopt ignorebraces errreturn nounset",
    "bash": "shopt -s nullglob extglob nocasematch failglob expand_aliases; set -o noclobber",
    "ksh": "set -o pipefail -o noglob",
    "mksh": "set -o sh",
}


@pytest.mark.parametrize("hostility", [*HOSTILE, "options of its own"])
@every_shell
def test_answers_the_same_in_a_hostile_shell(shell: str, hostility: str, placed: Callable[..., Path]) -> None:
    require(SHELLS[shell][0])
    prologue = OWN.get(shell, "set -e") if hostility == "options of its own" else HOSTILE[hostility]
    if shell.startswith("bash") and hostility == "aliases":
        prologue = "shopt -s expand_aliases\n" + prologue
    script = (
        f"{prologue}\n{source(placed('odd', 'sh'))}{source(placed('odd', 'sh'))}"
        'dsas_hosts "a_b, s[01-03/2], Mixed*, 0x1f & ratio>10.25"\n'
        "dsas_get Mixed-Case.9 aliases\ndsas_reason a-b\ndsas_serving x1.y2\ndsas_ask get_in 10 role vip\n"
        'dsas_get 10 greeting "$DSAS_REPLY"\ndsas_is s04 x1.y2 && dsas_self\n'
    )
    status, output, errors = run(shell, script, {"DSAS_SELF": "S05", "LC_ALL": "C"})
    assert (status, errors) == (0, "")
    greeting = fleet("odd").host("10").property("greeting")
    assert (
        output == f"0x1F\none\ntwo words\nthree\nlines\there\nünïcödé 日本語 ✓\ns04\ns06.other.net\n{greeting}\ns05\n"
    )


@every_shell
def test_a_predicate_is_a_condition_and_an_unknown_name_ends_a_careful_script(shell: str, plain: Path) -> None:
    require(SHELLS[shell][0])
    asked = "if dsas_in_service w3; then echo in; else echo out; fi\ndsas_get w9 weight 1\necho went on\n"
    script = f"set -eu\n{source(plain)}{asked}"
    status, output, errors = run(shell, script)
    assert (status, output) == (1, "out\n")
    assert errors == "dsas: unknown host: w9 (did you mean w1?)\n"


@every_shell
def test_works_in_a_login_shell_and_in_an_empty_environment(shell: str, plain: Path, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    for name in (".profile", ".zprofile"):
        (tmp_path / name).write_text(source(plain))
    asked = 'echo "$DSAS_WEB"; dsas_site w1'
    if shell != "bash-posix":
        profile = run(shell, asked, {"HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)}, login=True)
        assert profile == (0, "w1 w2\ns\n", "")
    cron = run(shell, source(plain) + asked, {"PATH": "/usr/bin:/bin", "HOME": "/", "SHELL": "/bin/sh"})
    assert cron == (0, "w1 w2\ns\n", "")


@every_shell
def test_sourced_again_it_takes_up_another_generation_whole(shell: str, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    place(tmp_path, TEXT, 1)
    ready = tmp_path / "ready"
    before = f"dsas_get w3 weight 1; : > {ready}; while [ -e {ready} ]; do sleep 0.02; done\n"
    after = 'echo "${DSAS_WEB-gone} $DSAS_NEW"; dsas_hosts; dsas_get w3 weight 1 || echo $?; dsas_roles w1\n'
    script = source(tmp_path) + before + source(tmp_path) + after

    def push() -> None:
        while not ready.exists():
            sleep(0.01)
        place(tmp_path, "[new]\n    w1 10.0.0.1\n", 2)
        ready.unlink()

    pusher = Thread(target=push, daemon=True)
    pusher.start()
    status, output, errors = run(shell, script)
    assert (status, output) == (0, "1\ngone w1\nw1\n1\nnew\n"), errors
    assert errors == "dsas: unknown host: w3 (did you mean w1?)\n"


@every_shell
def test_a_script_sees_one_generation_even_when_functions_load_after_a_push(shell: str, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    place(tmp_path, TEXT, 1)
    (tmp_path / "old").write_bytes((tmp_path / "etc/dsas.conf").read_bytes())
    place(tmp_path / "var/lib/dsas/generations/1-0123456789ab/root", TEXT, 1)
    place(tmp_path, "[new]\n    w1 10.0.0.1\n", 2)
    script = f"set -fu; DSAS_DIR='{tmp_path}/etc/dsas.d'; . '{tmp_path}/old'; dsas_serving web; dsas_state w3; echo $-"
    status, output, errors = run(shell, script)
    assert (status, errors) == (0, "")
    assert output.startswith("w1\nw2\nSTOP\n")
    assert "f" in output.splitlines()[-1]


@every_shell
def test_a_generation_that_is_gone_is_said_and_not_mixed_with_another(shell: str, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    place(tmp_path, TEXT, 1)
    (tmp_path / "old").write_bytes((tmp_path / "etc/dsas.conf").read_bytes())
    place(tmp_path, "[new]\n    w1 10.0.0.1\n", 2)
    asked = "dsas_roles w1; echo $?; dsas_is w1 web; echo $?; echo $DSAS_WEB"
    script = f"DSAS_DIR='{tmp_path}/etc/dsas.d'; . '{tmp_path}/old'; {asked}"
    status, output, errors = run(shell, script)
    assert (status, output) == (0, "1\n2\nw1 w2\n")
    complaint = f"dsas: {tmp_path}/etc/dsas.d/dsas.sh is missing or not of generation 1: source dsas.conf again\n"
    assert errors == complaint * 2


@pytest.mark.parametrize("streams", ["2>&-", "0<&-", "2>/dev/full"])
@every_shell
def test_who_hears_no_message_gets_the_answer_and_the_status_all_the_same(
    shell: str, streams: str, plain: Path
) -> None:
    require("/dev/full")
    for question in ("dsas_hosts web", "dsas_get w1 weight 3", "dsas_hosts nosuch", "dsas_is w1 nosuch"):
        asked = f"{source(plain)}exec 9>&1\n{{ {question}; }} {{}}; printf '%s\\n' \"status $?\" >&9"
        told, wanted = run(shell, asked.replace("{}", streams)), run(shell, asked.replace("{}", ""))
        assert told[:2] == wanted[:2], question


@every_shell
def test_what_a_full_disk_does_not_take_is_no_answer(shell: str, plain: Path) -> None:
    require("/dev/full")
    for question in ("dsas_hosts web", "dsas_get w1 weight 3", "dsas_address w1"):
        status, _, said = run(shell, f"{source(plain)}{question} >/dev/full")
        assert status != 0, question
        assert said.count("\n") <= 3, said  # the shell's own words, of which zsh has two lines


@every_shell
def test_a_reader_that_went_away_ends_a_question_without_a_word_of_ours(shell: str, plain: Path) -> None:
    status, out, said = run(shell, f"{source(plain)}{{ dsas_hosts web; dsas_hosts web; }} | :; printf 'goes on\\n'")
    assert (status, out) == (0, "goes on\n")
    assert "dsas:" not in said
