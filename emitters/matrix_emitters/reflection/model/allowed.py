"""What a text may name that runs or shows something on a host: programs, files, folders and variables, as matrix.toml
allows them. Everything is judged by its spelling, since only the host has the files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from matrix_common.terminal import toml_text
from matrix_emitters.errors import EmitterError
from matrix_grammar.model import property_table

from .never_named import RISKY_VARIABLES, SHELLS, SYSTEM_FOLDERS, could_be, is_plain_path, never

_FOR_A_SHELL: Final = re.compile(r"[;&|<>`()\n]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a value is not allowed. `setting` under `[allow]` would allow it by `item`; empty: nothing does.

    `refused`: no configuration is made with it; otherwise the next release refuses it.
    """

    cause: str
    setting: str = ""
    item: str = ""
    refused: bool = True


@dataclass(frozen=True, slots=True)
class Allowed:
    """The `[allow]` of matrix.toml, as far as it is about hosts.

    `reached` are files and folders on hosts whose content follows from the text: what lies there is never allowed.
    """

    programs: tuple[str, ...] = ()
    httpd_include: tuple[str, ...] = ()
    httpd_root: tuple[str, ...] = ()
    httpd_env: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises EmitterError for what can be no such setting."""
        for setting in ("programs", "httpd_include", "httpd_root"):
            for item in getattr(self, setting):
                bare = item.rstrip("/") or "/"
                if not is_plain_path(bare) or posixpath.normpath(bare) != bare:
                    raise EmitterError(f"allow.{setting}: {item!r} is not an absolute path, without '..' and wildcards")
                if setting == "programs" and bare in SYSTEM_FOLDERS:
                    raise EmitterError(f"allow.programs: {item!r} is a folder of the system: name the programs in it")

    def judge(self, key: str, value: str) -> Verdict | None:
        """Why a value of a property that some kind of configuration restricts is not allowed; None when it is."""
        judges = {
            "programs": self._program,
            "httpd_include": self._include,
            "httpd_root": self._root,
            "httpd_env": self._variable,
        }
        for restricted in property_table().restricted.values():
            for rule, setting in restricted.items():
                name, _, begin = rule.partition("=")
                if name == key and value.startswith(begin):
                    return judges[setting](value.removeprefix(begin))
        return None

    def line(self, verdicts: Iterable[Verdict], setting: str) -> str:
        """The line for `[allow]` that allows what these verdicts are about; empty where nothing does."""
        more = [verdict.item for verdict in verdicts if verdict.setting == setting and verdict.item]
        if not more:
            return ""
        listed = dict.fromkeys((*getattr(self, setting), *more))
        return f"{setting} = [{', '.join(map(toml_text, listed))}]"

    def _program(self, line: str) -> Verdict | None:
        program, _, arguments = line.partition(" ")
        why = self._why_never(program)
        if why:
            return Verdict(f"the program {program} {why}")
        if _FOR_A_SHELL.search(arguments):
            return Verdict(f"the arguments of {program} hold what would mean something to a shell")
        if program in self.programs:
            return None
        if posixpath.basename(program) in SHELLS:
            return Verdict(f"{program} runs whatever it is told; put that into a program of its own, and allow it")
        if any(_below(program, each) for each in self.programs):
            return None
        return Verdict(f"the program {program} is not allowed", "programs", program)

    def _include(self, path: str) -> Verdict | None:
        why = self._why_never(path, wildcards=True)
        if why:
            return Verdict(f"{path} {why}")
        head = _folder_of(path)
        if any(_below(head, each) or path == each for each in self.httpd_include):
            return None
        return Verdict(f"{path} is not allowed", "httpd_include", path if head == path else head.rstrip("/") + "/")

    def _root(self, path: str) -> Verdict | None:
        why = self._why_never(path)
        if why:
            return Verdict(f"{path} {why}", refused=False)
        if any(_below(path, each) for each in self.httpd_root):
            return None
        return Verdict(f"{path} is not allowed", "httpd_root", path, refused=False)

    def _variable(self, value: str) -> Verdict | None:
        name = value.partition("=")[0]
        if name in self.httpd_env:
            return None
        if RISKY_VARIABLES.fullmatch(name):
            return Verdict(f"{name} names code or files to the programs that see it", "httpd_env", name)
        return Verdict(f"{name} is not allowed", "httpd_env", name, refused=False)

    def _why_never(self, path: str, *, wildcards: bool = False) -> str:
        """Why nothing allows a path; empty where something may."""
        if not is_plain_path(path, wildcards=wildcards) or posixpath.normpath(path) != path:
            return "is not an absolute path of plain characters, without '..'"
        place = never(path) or next((each for each in self.reached if could_be(path, each)), "")
        return f"could be {place}, which the text itself has a say in, or the system" if place else ""


def allowed_of(tables: Mapping[str, object], reached: Iterable[str] = ()) -> Allowed:
    """From the settings under `[allow]`, by their names there. Raises EmitterError that names the wrong one."""
    names = {each.name for each in fields(Allowed)} - {"reached"}
    given = {name: tuple(value) for name, value in tables.items() if name in names and isinstance(value, tuple | list)}
    made = Allowed(**given, reached=tuple(dict.fromkeys(reached)))
    made.check()
    return made


def _below(path: str, item: str) -> bool:
    """Whether a path is a file or folder that is allowed, or lies below it."""
    bare = item.rstrip("/")
    return path == bare or path.startswith(bare + "/")


def _folder_of(path: str) -> str:
    """The path, or of one with wildcards the folder below which all that it matches lies."""
    parts = path.split("/")
    for number, part in enumerate(parts):
        if re.search(r"[*?\[]", part):
            return "/".join(parts[:number]) or "/"
    return path
