"""No value of the MATRIX is run, or printed before it is asked for, whatever text it is."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from matrix_parts import require
from shells import SHELLS, run, source

from matrix_emitters.bindings import build
from matrix_grammar import Fleet
from matrix_grammar.model import Host, Membership, Role, RoleSection, State

TEXTS = (
    "'", "''", "'''", '"', '"""', "\\", "\\\\", "\\'", "'\\''", "a\\", "\\n", "\\b\\;\\n",
    "$(touch ran)",
    "`touch ran`", "${IFS}", "$HOME", "; touch ran", "' ; touch ran ; '", "\n touch ran \n",
    "\ntouch ran", "a\nb", "a\n\nb", "\n", " ", "  two  blanks  ", "\t", "#", "!", "!!", "~", "*", "?", "[a-z]",
    "{a,b}", "<(touch ran)", "&", "|", "%s%n", "-n", "-e", "?>", "<?php", "@{[ ]}", "#{1}", "{{ 1 }}", "{% raw %}",
    "{#",
    "\x1b[31mred\x1b[0m", "\x07", "\x7f", "\x01\x02", "\r", "\r\n", "\u0085", "\u2028", "\u202e",
    "日本語 ソ表", "ünïcödé", "\U0001f600", "E\nE", "esac", ".state=STOP", "\n.state=STOP\n", "\n@db\n", "x" * 300,
    "あ\\", "あb", "あ\nい\\n", "あ;|`{", "日\\;本\\b",
)  # fmt: skip
TWO_BYTES = {
    "ja_JP.SJIS": ("ja_JP", "SHIFT_JIS"),
    "zh_TW": ("zh_TW", "BIG5"),
}


def fleet() -> Fleet:
    """A host in a role of its own for each text, which stands wherever the MATRIX can hold a text."""
    hosts, roles = [], {}
    for number, text in enumerate(TEXTS):
        name = f"h{number}"
        roles[f"r{number}"] = Role(f"r{number}", text, (RoleSection(None, {"vip": (text, "x", text)}),))
        hosts.append(
            Host(
                name, (f"10.0.{number // 250}.{number % 250}",), f"{name}.example", "s", text,
                State("WARN", True, text),
                (Membership(f"r{number}", {"tagged": text}, State("STOP", False, text)),),
                {"weird": text, "many": (text, text)}, {"fallback": text}, text, catalogue=roles,
            )
        )  # fmt: skip
    of_host = {f"r{number}": (host,) for number, host in enumerate(hosts)}
    found = {name: Role(name, role.meaning, role.sections, None, of_host[name]) for name, role in roles.items()}
    return Fleet(tuple(hosts), found, {}, {}, {})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for artifact in build(fleet(), 1, only=["sh"]):
        target = folder / artifact.path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(artifact.content)
    return folder


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with locales in which the second byte of a sign may be a backslash, a letter or a digit."""
    require("localedef")
    folder = tmp_path_factory.mktemp("locales")
    for name, (language, signs) in TWO_BYTES.items():
        command = ["localedef", "-c", "--no-warnings=ascii", "-i", language, "-f", signs, str(folder / name)]
        subprocess.run(command, check=False, capture_output=True, timeout=120)  # 1 where it warns
        assert (folder / name / "LC_CTYPE").exists()
    return folder


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", *TWO_BYTES])
@pytest.mark.parametrize("shell", SHELLS)
def test_every_text_comes_back_as_it_is_and_nothing_runs(
    shell: str, locale: str, root: Path, locales: Path, tmp_path: Path
) -> None:
    require(SHELLS[shell][0])
    asked, wanted = [], []
    for number, text in enumerate(TEXTS):
        host = f"h{number}"
        several = f"{text}\nx\n{text}"
        for question, answer in (
            (f"dsas_get {host} weird", text),
            (f"dsas_get {host} many", f"{text}\n{text}"),
            (f"dsas_get {host} fallback", text),
            (f"dsas_get_in {host} r{number} tagged", text),
            (f"dsas_get_in {host} r{number} vip", several),
            (f'echo_raw "$DSAS_R{number}__VIP"', several),
            (f"dsas_reason {host}", text),
            (f"dsas_reason {host} r{number}", text),
            (f"dsas_note {host}", text),
            (f"dsas_rack {host}", text),
            (f"dsas_meaning r{number}", text),
        ):
            asked.append(f"{question}; echo @@@")
            wanted.append(f"{answer}\n@@@\n")
    raw = "echo_raw() { cat <<E_N_D\n$1\nE_N_D\n}\n"
    script = f"cd {tmp_path}\nset -eu\n{source(root)}{raw}echo_raw begin\n" + "\n".join(asked)
    status, output, errors = run(shell, script, {"LC_ALL": locale, "LOCPATH": str(locales), "HOME": "/nowhere"})
    assert (status, errors) == (0, "")
    assert output == "begin\n" + "".join(wanted)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", ["LANG", "LC_CTYPE", "LC_ALL"])
@pytest.mark.parametrize("shell", SHELLS)
def test_the_locale_of_a_script_stays_as_it_was(
    shell: str, given: str, root: Path, locales: Path, tmp_path: Path
) -> None:
    require(SHELLS[shell][0])
    script = (
        f"cd {tmp_path}\nset -u\n{source(root)}dsas_name h0\n"
        'echo "${LC_ALL-unset}"; dsas_name nobody; echo "$? ${LC_ALL-unset}"; dsas_is h0 r1; echo "$?"\n'
        'dsas_ask reason h0; echo "$? $DSAS_REPLY"; readonly LC_ALL; dsas_name h0 >/dev/null 2>&1 || :; echo end'
    )
    status, output, errors = run(shell, script, {given: "ja_JP.SJIS", "LOCPATH": str(locales)})
    kept = "ja_JP.SJIS" if given == "LC_ALL" else "unset"
    assert (status, output) == (0, f"h0\n{kept}\n1 {kept}\n1\n0 {TEXTS[0]}\nend\n")
    assert errors.count("\n") == 1
    assert errors.startswith("dsas: unknown host: nobody")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_fact_finds_the_host_that_has_the_text(shell: str, root: Path, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    asked, wanted = [], []
    for text in TEXTS:
        literal = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        for fact in ("many", "fallback"):
            asked.append(shlex.join(("dsas_hosts", f'{fact}="{literal}"')))
            wanted += [f"h{number}\n" for number, each in enumerate(TEXTS) if each == text]
    status, output, errors = run(shell, f"cd {tmp_path}\n{source(root)}" + "\n".join(asked), {"LC_ALL": "C.UTF-8"})
    assert (status, errors) == (0, "")
    assert output == "".join(wanted)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_names_asked_for_are_refused_in_one_harmless_line(shell: str, root: Path, tmp_path: Path) -> None:
    require(SHELLS[shell][0])
    names = [text for text in (*TEXTS, "h0\nh1", "h0 h1", "h0;ls", "../h0", "$(ls)", "h0'") if text != "*"]
    asked = []
    for name in names:
        word = shlex.quote(name)
        asked += [
            f"dsas_get {word} weird", f"dsas_get h0 {word}", f"dsas_get_in h0 {word} weird", f"dsas_state {word}",
            f"dsas_serving {word}", f"dsas_role_get_at r0 {word} vip", f"dsas_ask {word}", f"dsas_hosts {word}",
        ]  # fmt: skip
    status, output, errors = run(
        shell, f"cd {tmp_path}\n{source(root)}" + "\n".join(f"{each} || echo no" for each in asked)
    )
    unknown = len(asked)
    assert (status, output) == (0, "no\n" * unknown)
    assert errors.count("\n") == errors.count("dsas: ") == unknown
    assert all(letter.isprintable() for letter in errors.replace("\n", ""))
    assert not list(tmp_path.iterdir())
