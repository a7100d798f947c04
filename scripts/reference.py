"""Write the reference pages from the commands themselves: docs/commands.md, docs/settings.md and docs/man/matrix.1.

usage: python scripts/reference.py [--check]     (--check: write nothing, end with 1 when a page is not current)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from matrix_console.main import SECTIONS, matrix
from matrix_console.settings import known
from matrix_dmetad import known_settings

DOCS = Path(__file__).parents[1] / "docs"
STATUSES = (
    ("0", "success"),
    ("1", "the MATRIX has errors, or a comparison found a difference"),
    ("2", "wrong usage"),
    ("3", "some hosts failed"),
    ("4", "no host could be reached"),
)


def verbs() -> Iterator[tuple[str, str, click.Command]]:
    """Section, name and command of every verb, in the order of the help."""
    context = click.Context(matrix, info_name="matrix")
    for section, names in SECTIONS.items():
        for name in names:
            command = matrix.get_command(context, name)
            assert command is not None
            yield section, name, command


def commands_page() -> str:
    """Every verb's `--help`, as it is printed."""
    lines = ["# Commands", "", "Made by `scripts/reference.py` from the commands' own `--help`.", ""]
    parent = click.Context(matrix, info_name="matrix", terminal_width=100)
    for _, name, command in verbs():
        context = click.Context(command, info_name=name, parent=parent, terminal_width=100)
        lines += [f"## matrix {name}", "", "```", command.get_help(context), "```", ""]
    lines += ["## Exit status", "", "| | |", "|---|---|", *(f"| {code} | {text} |" for code, text in STATUSES), ""]
    return "\n".join(lines)


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    lines = [
        "# Settings",
        "",
        "Made by `scripts/reference.py` from the tables in `console/matrix_console/settings.py` and",
        "`dmetad/matrix_dmetad/settings.py`.",
        "",
        "A setting is in `matrix.toml` in the folder of the MATRIX (`push.fanout` is `fanout` under `[push]`). The",
        "environment variable overrides it; an option of the command overrides both. Times are in seconds. Paths in",
        "matrix.toml are relative to its folder. An empty path (`MATRIX_SIGN_KEY=`) means no path, even if matrix.toml",
        "has one.",
        "",
        "| setting | variable | default | meaning |",
        "|---|---|---|---|",
    ]
    for item in (*known(), *known_settings()):
        default = " ".join(item.default) if item.is_list else item.default
        default = default if isinstance(default, str | int | float | Path) else ""
        default = str(default).lower() if isinstance(default, bool) else str(default)
        shown = f"`{default}`" if default else ""
        variable = "" if item.is_table else f"`{item.variable}`"
        lines.append(f"| `{item.key}` | {variable} | {shown} | {item.meaning} |")
    return "\n".join([*lines, ""])


def roff(text: str) -> str:
    """Text with what roff would take for its own escaped."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


def man_page() -> str:
    """matrix(1), in the man macros."""
    context = click.Context(matrix, info_name="matrix")
    about, _, place = (matrix.help or "").partition("\n\n")
    lines = [
        '.TH MATRIX 1 "" "dsas-matrix" "User Commands"',
        ".SH NAME",
        "matrix \\- one text file about all servers of a site",
        ".SH SYNOPSIS",
        ".B matrix",
        ".I verb",
        "[\\fIoption\\fR ...] [\\fIargument\\fR ...]",
        ".SH DESCRIPTION",
        roff(" ".join(about.split())),
        ".PP",
        roff(" ".join(place.split())),
    ]
    last = ""
    for section, name, command in verbs():
        if section != last:
            lines.append(f".SH {section.upper()}")
            last = section
        inner = click.Context(command, info_name=name, parent=context)
        usage = " ".join(command.collect_usage_pieces(inner))
        lines += [f".SS matrix {roff(name)} {roff(usage)}", roff(" ".join((command.help or "").split()))]
        for parameter in command.get_params(inner):
            record = parameter.get_help_record(inner)
            if record and parameter.name != "help":
                lines += [".TP", f".B {roff(record[0])}", roff(record[1])]
    lines.append(".SH SETTINGS")
    lines.append("In matrix.toml beside the MATRIX, or in the environment:")
    for item in (*known(), *known_settings()):
        lines += [".TP", f'.BR {roff(item.key)} " ({item.variable})"', roff(item.meaning)]
    lines.append(".SH EXIT STATUS")
    for code, text in STATUSES:
        lines += [".TP", f".B {code}", roff(text)]
    return "\n".join([*lines, ""])


PAGES = {"commands.md": commands_page, "settings.md": settings_page, "man/matrix.1": man_page}


def main() -> int:
    """Write the pages, or compare them."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print(
        "\n".join(f"docs/{name}: {'not current' if check else 'written'}" for name in stale) or "all pages are current"
    )
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
