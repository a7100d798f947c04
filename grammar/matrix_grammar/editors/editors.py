"""Syntax colouring for editors, made from the tables of the language: a Vim syntax file and a TextMate grammar.

An editor sees one line at a time and knows no declarations, so what is coloured here is the form: directives, headers,
tags, states, keys, ranges, strings and comments. What is wrong in meaning is told by `matrix check`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.vocabulary import DIRECTIVES, KINDS, STATES, UP

FILE_NAMES: Final = ("MATRIX", "*.matrix")
"""What the files of the language are called."""

_VIM_LINKS: Final = {
    "Comment": "Comment",
    "Todo": "Todo",
    "String": "String",
    "Escape": "SpecialChar",
    "WrongEscape": "Error",
    "Directive": "PreProc",
    "WrongDirective": "Error",
    "Kind": "Type",
    "Header": "Structure",
    "Role": "Identifier",
    "StateIn": "Todo",
    "StateOut": "WarningMsg",
    "State": "Constant",
    "Reason": "String",
    "Known": "Keyword",
    "Key": "Identifier",
    "Range": "Number",
    "Address": "Number",
    "Operator": "Operator",
    "Tag": "Delimiter",
}


def editor_files() -> Mapping[str, str]:
    """Every file for editors by its path in docs/editors."""
    return {
        "vim/syntax/matrix.vim": _vim_syntax(),
        "vim/ftdetect/matrix.vim": _vim_detection(),
        "vscode/package.json": _json(_vscode_package()),
        "vscode/language-configuration.json": _json(_vscode_language()),
        "vscode/matrix.tmLanguage.json": _json(textmate_grammar()),
    }


def _words(names: object, escape: str = "\\.") -> str:
    """Names as alternatives of a regular expression, longer ones first."""
    assert isinstance(names, list | tuple | dict)
    return "|".join(sorted((str(name).replace(".", escape) for name in names), key=lambda name: (-len(name), name)))


def _states(in_service: bool) -> list[str]:
    return [name for name, kind in STATES.items() if kind.in_service is in_service]


def _vim_detection() -> str:
    return f"autocmd BufNewFile,BufRead {','.join(FILE_NAMES)} setfiletype matrix\n"


def _vim_syntax() -> str:
    directives = _words([word[1:] for word in DIRECTIVES])
    links = "\n".join(f"hi def link matrix{group} {to}" for group, to in _VIM_LINKS.items())
    return rf"""" Vim syntax file of the MATRIX language, made from its tables by scripts/editors.py.
if exists("b:current_syntax")
  finish
endif
let s:cpo_save = &cpo
set cpo&vim
syn case match

" Of two items that begin at one place Vim takes the one defined last.
syn match  matrixKey            /\v<[a-z][a-z0-9._-]*\ze\=/
syn match  matrixKnown          /\v<%({_words(list(property_table().types))})\ze\=/
syn match  matrixAddress        /\v\s\zs\d+\.\d+\.\d+\.[0-9\[][0-9,\/\[\]-]*/
syn match  matrixAddress        /\v\s\zs[0-9a-f]{{1,4}}:[0-9a-f:.]*:[0-9a-f:.]*/
syn match  matrixRange          /\v\S\zs\[[^][ \t"]*\]/
syn region matrixString         start=/"/ skip=/\\\\\|\\"/ end=/"/ oneline contains=matrixEscape,matrixWrongEscape
syn match  matrixWrongEscape    /\\./ contained
syn match  matrixEscape         /\\["\\nt]/ contained
syn region matrixTag            start=/\s\zs\[/ end=/\]/ oneline contains=@matrixInTag
syn cluster matrixInTag         contains=matrixRole,matrixState,matrixStateIn,matrixStateOut,matrixReason
syn cluster matrixInTag         add=matrixKey,matrixKnown,matrixString,matrixRange
syn match  matrixRole           /\v\[\s*\zs[a-z][a-z0-9._-]*/ contained
syn match  matrixState          /\v<[A-Z][A-Z0-9_]*>/ contained
syn match  matrixStateIn        /\v<%({_words(_states(True))})>/ contained
syn match  matrixStateOut       /\v<%({_words(_states(False))})>/ contained
syn match  matrixReason         /\v:\s*\zs[^][" \t]%([^][]|\[[^][]*\])*/ contained
syn match  matrixWrongDirective /\v^\s*\zs\@\S*/
syn match  matrixDirective      /\v^\s*\zs\@%({directives})>/ nextgroup=matrixGroupName skipwhite
syn match  matrixKind           /\v%(^\s*\@property\s+\S+\s+)@<=%({_words(KINDS)}|list)>/
syn match  matrixStateOut       /\v%(^\s*\@state\s+\S+\s+)@<=out>/
syn match  matrixStateIn        /\v%(^\s*\@state\s+\S+\s+)@<=in>/
syn match  matrixOperator       /\v%(^\s*\@group\s.*)@<=[,&!^()]/
syn match  matrixState          /\v%(^\s*\@group\s.*)@<=<%({UP}|{_words(STATES)})>/
syn match  matrixHeader         /\v^\[[a-z][a-z0-9._-]*\]/
syn match  matrixComment        /\v%(^|\s)\zs#.*$/ contains=matrixTodo
syn keyword matrixTodo          TODO FIXME XXX contained

{links}

let b:current_syntax = "matrix"
let &cpo = s:cpo_save
unlet s:cpo_save
"""


def textmate_grammar() -> dict[str, Any]:
    """The TextMate grammar, as VS Code and others read it."""
    bare = r"[a-z][a-z0-9._-]*"
    return {
        "name": "MATRIX",
        "scopeName": "source.matrix",
        "fileTypes": ["MATRIX", "matrix"],
        "patterns": [
            {"include": "#comment"},
            {
                "begin": r"^\s*(@group)\b",
                "end": "$",
                "beginCaptures": {"1": {"name": "keyword.control.directive.matrix"}},
                "patterns": [
                    {"include": "#comment"},
                    {"include": "#string"},
                    {"match": r"[,&!^()]", "name": "keyword.operator.matrix"},
                    {"match": rf"\b({UP}|{_words(STATES)})\b", "name": "constant.language.state.matrix"},
                    {"include": "#range"},
                ],
            },
            {
                "match": rf"^\s*(@property)\s+(\S+)\s+({_words(KINDS)})\b",
                "captures": {
                    "1": {"name": "keyword.control.directive.matrix"},
                    "2": {"name": "variable.other.property.matrix"},
                    "3": {"name": "storage.type.matrix"},
                },
            },
            {
                "match": rf"^\s*@({_words([word[1:] for word in DIRECTIVES])})\b",
                "name": "keyword.control.directive.matrix",
            },
            {"match": r"^\s*@\S*", "name": "invalid.illegal.directive.matrix"},
            {"match": rf"^\[({bare})\]", "captures": {"1": {"name": "entity.name.section.matrix"}}},
            {"include": "#tag"},
            {"include": "#pair"},
            {"include": "#string"},
            {"include": "#range"},
            {"match": r"(?<=\s)\d+\.\d+\.\d+\.[\d\[][\d,/\[\]-]*", "name": "constant.numeric.address.matrix"},
            {"match": r"(?<=\s)[0-9a-f]{1,4}:[0-9a-f:.]*:[0-9a-f:.]*", "name": "constant.numeric.address.matrix"},
        ],
        "repository": {
            "comment": {"match": r"(?<![^\s])#.*$", "name": "comment.line.number-sign.matrix"},
            "string": {
                "begin": '"',
                "end": r'"|$',
                "name": "string.quoted.double.matrix",
                "patterns": [
                    {"match": r'\\["\\nt]', "name": "constant.character.escape.matrix"},
                    {"match": r"\\.", "name": "invalid.illegal.escape.matrix"},
                ],
            },
            "range": {"match": r'(?<=\S)\[[^\[\]\s"]*\]', "name": "constant.numeric.range.matrix"},
            "pair": {
                "match": rf"(?<![^\s\[])(?:({_words(list(property_table().types))})|({bare}))(=)",
                "captures": {
                    "1": {"name": "support.variable.property.matrix"},
                    "2": {"name": "variable.other.property.matrix"},
                    "3": {"name": "keyword.operator.assignment.matrix"},
                },
            },
            "tag": {
                "begin": r"(?<=\s)\[",
                "end": r"\]|$",
                "name": "meta.tag.matrix",
                "patterns": [
                    {"include": "#string"},
                    {
                        "match": r'([A-Z][A-Z0-9_]*):\s*([^\[\]"\s](?:[^\[\]]|\[[^\[\]]*\])*)',
                        "captures": {
                            "1": {"name": "constant.language.state.matrix"},
                            "2": {"name": "string.unquoted.reason.matrix"},
                        },
                    },
                    {"match": r"\b[A-Z][A-Z0-9_]*\b", "name": "constant.language.state.matrix"},
                    {"include": "#pair"},
                    {"match": rf"(?<=\[|\s){bare}", "name": "entity.name.tag.role.matrix"},
                    {"include": "#range"},
                ],
            },
        },
    }


def _vscode_package() -> dict[str, Any]:
    return {
        "name": "matrix-language",
        "displayName": "MATRIX",
        "description": "Colours for the MATRIX language",
        "version": "1.0.0",
        "license": "Apache-2.0",
        "engines": {"vscode": "^1.60.0"},
        "contributes": {
            "languages": [
                {
                    "id": "matrix",
                    "aliases": ["MATRIX"],
                    "filenames": ["MATRIX"],
                    "extensions": [".matrix"],
                    "configuration": "./language-configuration.json",
                }
            ],
            "grammars": [{"language": "matrix", "scopeName": "source.matrix", "path": "./matrix.tmLanguage.json"}],
        },
    }


def _vscode_language() -> dict[str, Any]:
    return {
        "comments": {"lineComment": "#"},
        "brackets": [["[", "]"], ["(", ")"]],
        "autoClosingPairs": [["[", "]"], ["(", ")"], ['"', '"']],
        "surroundingPairs": [["[", "]"], ["(", ")"], ['"', '"']],
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
