"""The command line and the environment, which go before matrix.toml."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matrix_common.settings import Setting, from_environment
from matrix_dmetad.settings import DEFAULT_LISTEN, known

FILE_VARIABLE: Final = "MATRIX_DMETAD_FILE"
_PLACES: Final = {
    "listen": "ADDRESS:PORT",
    "allow": "NETWORK",
    "proxies": "NETWORK",
    "host_name": "NAME",
    "require_header": "'NAME: VALUE'",
}


@dataclass(frozen=True)
class Invocation:
    """How the command was called: the MATRIX to answer from, if any, and the settings that go before matrix.toml."""

    file: Path | None
    over: Mapping[str, Any]
    environment: Mapping[str, str]


def invocation(arguments: Sequence[str], environment: Mapping[str, str]) -> Invocation:
    """What a command line and an environment say. Raises SettingsError; argparse ends the program by itself."""
    options = vars(_parser().parse_args(arguments))
    file = options.pop("file") or environment.get(FILE_VARIABLE)
    over = from_environment(list(known()), environment)
    over |= {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    return Invocation(Path(file) if file else None, over, environment)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dmetad",
        description="Answer questions about the MATRIX over HTTP, from this host's own disk.",
        epilog="Every option is also a setting of matrix.toml (listen under [dmetad], for example). An environment "
        "variable (MATRIX_DMETAD_LISTEN) overrides the setting; blanks separate several values. Without any of them it "
        f"listens on {DEFAULT_LISTEN}. A socket passed by systemd replaces --listen. SIGHUP reads the MATRIX and its "
        "settings again.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument(
        "-f", "--file", default=None, metavar="MATRIX",
        help="answer from this MATRIX instead of the generation in force on this host",
    )  # fmt: skip
    for item in known():
        _add(parser, item)
    return parser


def _add(parser: argparse.ArgumentParser, item: Setting) -> None:
    names = [f"--{item.field.replace('_', '-')}"]
    if item.field == "listen":
        names.insert(0, "-l")
    if item.type is bool:
        parser.add_argument(*names, action=argparse.BooleanOptionalAction, help=item.meaning)
        return
    place = _PLACES.get(item.field, "N")
    if item.is_list:
        parser.add_argument(*names, action="append", metavar=place, help=f"{item.meaning}; may be repeated")
    elif item.type in (int, float):
        parser.add_argument(
            *names, type=_number(item.type), metavar=place, help=f"{item.meaning} (default {item.default:g})"
        )
    else:
        parser.add_argument(*names, metavar=place, help=item.meaning)


def _number(kind: type) -> Any:
    def parse(raw: str) -> Any:
        value = kind(raw)
        if not 0 <= value < 10**9:
            raise argparse.ArgumentTypeError(f"{raw} is not from 0 to a thousand million")
        return value

    parse.__name__ = "whole number" if kind is int else "number"
    return parse
