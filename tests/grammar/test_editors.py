"""The files in docs/editors are those of the tables, and colour what they should, also in the real vim."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from matrix_grammar.editors.editors import editor_files, textmate_grammar
from matrix_grammar.model import property_table
from matrix_grammar.model.vocabulary import DIRECTIVES, KINDS, STATES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "editors"
EXAMPLE = ROOT / "examples" / "MATRIX"

SAMPLE = r"""@matrix 1 # a comment
@nonsense x
@property weight int 0..256 "a \"share\" \x"
@state DRAIN out "done"
@group calm = ps!(WARN,w[1-2])
[ps] "page # servers" sched=wlc
    w[101-103]  10.6.1.[101-103]  weight=10  other=x#y
    w104  2001:db8::1  [cache weight=5]  [WARN: fan # 4 [2]]  # why
    w105  -  [db.master STOP]  [DRAIN]
"""

# (line, text, vim group, TextMate scope); of a text that stands twice the first.
EXPECTED = [
    (1, "@matrix", "Directive", "keyword.control.directive"),
    (1, "# a comment", "Comment", "comment.line.number-sign"),
    (2, "@nonsense", "WrongDirective", "invalid.illegal.directive"),
    (3, "@property", "Directive", "keyword.control.directive"),
    (3, "int", "Kind", "storage.type"),
    (3, "share", "String", "string.quoted.double"),
    (3, '\\"', "Escape", "constant.character.escape"),
    (3, "\\x", "WrongEscape", "invalid.illegal.escape"),
    (5, "!", "Operator", "keyword.operator"),
    (5, "WARN", "State", "constant.language.state"),
    (5, "[1-2]", "Range", "constant.numeric.range"),
    (6, "ps", "Header", "entity.name.section"),
    (6, "# servers", "String", "string.quoted.double"),
    (6, "sched", "Known", "support.variable.property"),
    (7, "[101-103]", "Range", "constant.numeric.range"),
    (7, "10.6.1.", "Address", "constant.numeric.address"),
    (7, "weight", "Known", "support.variable.property"),
    (7, "other", "Key", "variable.other.property"),
    (7, "#y", "", ""),
    (8, "2001:db8::1", "Address", "constant.numeric.address"),
    (8, "cache", "Role", "entity.name.tag.role"),
    (8, "weight", "Known", "support.variable.property"),
    (8, "WARN", "StateIn", "constant.language.state"),
    (8, "fan # 4 [2]", "Reason", "string.unquoted.reason"),
    (8, "# why", "Comment", "comment.line.number-sign"),
    (9, "db.master", "Role", "entity.name.tag.role"),
    (9, "STOP", "StateOut", "constant.language.state"),
    (9, "DRAIN", "State", "constant.language.state"),
]


@pytest.mark.parametrize("name", sorted(editor_files()))
def test_the_files_are_those_of_the_tables(name):
    assert (DOCS / name).read_text(encoding="utf-8") == editor_files()[name], "run scripts/editors.py"


def test_nothing_else_lies_there():
    found = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*") if path.is_file()}
    assert found == {*editor_files(), "README.md"}


def test_every_word_of_the_language_is_in_both():
    vim, textmate = editor_files()["vim/syntax/matrix.vim"], editor_files()["vscode/matrix.tmLanguage.json"]
    for word in [*(directive[1:] for directive in DIRECTIVES), *KINDS, *STATES, *property_table().types]:
        assert word.replace(".", r"\.") in vim
        assert word.replace(".", r"\\.") in textmate


def vim_groups(text, tmp_path):
    """The syntax group of every character, by the real vim, which also finds the file by its name."""
    (tmp_path / "MATRIX").write_text(text, encoding="utf-8")
    script = tmp_path / "script.vim"
    script.write_text(
        f"set runtimepath^={DOCS / 'vim'}\nfiletype on\nsyntax on\nedit {tmp_path / 'MATRIX'}\n"
        "call writefile([&filetype], 'type')\nlet rows = []\n"
        "for l in range(1, line('$'))\n  let row = []\n  for c in range(1, col([l, '$']) - 1)\n"
        "    call add(row, synIDattr(synID(l, c, 1), 'name'))\n  endfor\n  call add(rows, join(row, ','))\nendfor\n"
        "call writefile(rows, 'groups')\nqall!\n"
    )
    done = subprocess.run(
        ["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", str(script)],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert (tmp_path / "groups").exists(), done
    assert (tmp_path / "type").read_text() == "matrix\n"
    return [line.split(",") for line in (tmp_path / "groups").read_text().splitlines()]


@pytest.mark.needs("vim")
def test_vim_colours_the_sample(tmp_path):
    groups = vim_groups(SAMPLE, tmp_path)
    for number, text, expected, _ in EXPECTED:
        start = SAMPLE.splitlines()[number - 1].index(text)
        assert groups[number - 1][start] == (f"matrix{expected}" if expected else ""), (number, text)


@pytest.mark.needs("vim")
def test_vim_finds_no_mistake_in_the_example(tmp_path):
    groups = {name for row in vim_groups(EXAMPLE.read_text(encoding="utf-8"), tmp_path) for name in row}
    assert not any("Wrong" in name for name in groups)
    assert {"matrixDirective", "matrixHeader", "matrixRole", "matrixStateOut", "matrixComment"} <= groups


class Tokens:
    """A TextMate tokenizer, as far as this grammar needs one: the leftmost match wins, then the first pattern."""

    def __init__(self, grammar):
        self.grammar = grammar

    def patterns(self, patterns):
        for pattern in patterns:
            if "include" in pattern:
                yield from self.patterns([self.grammar["repository"][pattern["include"][1:]]])
            else:
                yield pattern

    def scopes(self, line):
        self.found = [""] * len(line)
        self.walk(line, 0, self.grammar["patterns"], None, "")
        return self.found

    def walk(self, line, position, patterns, end, scope):
        """From a position until the end pattern matches; answers where it did."""
        while position <= len(line):
            best = None
            stop = re.compile(end).search(line, position) if end else None
            for pattern in self.patterns(patterns):
                match = re.compile(pattern.get("match") or pattern["begin"]).search(line, position)
                if match and (best is None or match.start() < best[0].start()):
                    best = (match, pattern)
            if stop and (best is None or stop.start() <= best[0].start()):
                self.paint(position, stop.end(), scope)
                return stop.end()
            if best is None:
                self.paint(position, len(line), scope)
                return len(line)
            match, pattern = best
            self.paint(position, match.start(), scope)
            name = pattern.get("name", scope)
            self.paint(match.start(), match.end(), name)
            for number, capture in (pattern.get("captures") or pattern.get("beginCaptures") or {}).items():
                self.paint(*match.span(int(number)), capture["name"])
            position = match.end()
            if "begin" in pattern:
                position = self.walk(line, position, pattern["patterns"], pattern["end"], name)
            elif match.end() == match.start():
                position += 1
        return position

    def paint(self, start, end, scope):
        for place in range(max(start, 0), end):
            self.found[place] = scope


def test_the_textmate_grammar_colours_the_sample():
    tokens = Tokens(json.loads((DOCS / "vscode" / "matrix.tmLanguage.json").read_text(encoding="utf-8")))
    for number, text, _, expected in EXPECTED:
        line = SAMPLE.splitlines()[number - 1]
        scope = tokens.scopes(line)[line.index(text)]
        assert scope.startswith(expected) if expected else not scope, (number, text, scope)


def test_the_textmate_grammar_finds_no_mistake_in_the_example():
    tokens = Tokens(textmate_grammar())
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        assert not any("invalid" in scope for scope in tokens.scopes(line)), line


def test_every_include_of_the_textmate_grammar_leads_somewhere():
    text = json.dumps(textmate_grammar())
    assert set(re.findall(r'"include": "#([a-z]+)"', text)) == set(textmate_grammar()["repository"])
