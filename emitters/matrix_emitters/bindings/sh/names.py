"""The variables that the sh binding sets: their names, and which would clobber the shell or one another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matrix_emitters.view.view import View
from matrix_grammar.diagnostics import Diagnostic, Place
from matrix_grammar.model import Role, binding_name

OWN = frozenset("DSAS_" + name for name in ("ALL", "DIGEST", "DIR", "FORMAT", "GENERATION", "REPLY", "ROOT", "SELF"))
"""What the binding itself is called; no role or group may become one of these."""

_PREFIX = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*)?", re.ASCII)

_SPECIAL = """
    _ ALL ARGC ARGV0 BUFFER CDPATH COLUMNS CONTEXT COPROC CPUTYPE CURSOR CUTBUFFER DIRSTACK DIRSTACKSIZE DISPLAY
    EDITOR EGID EMACS ENV ERRNO EUID EXECIGNORE EXECSHELL FCEDIT FIGNORE FPATH FUNCNAME FUNCNEST GID GLOBIGNORE GROUPS
    HOME HOST HOSTFILE HOSTNAME HOSTTYPE IFS IGNOREEOF INPUTRC JOBMAX KEYBOARD_HACK KEYMAP KEYTIMEOUT LANG LANGUAGE
    LASTWIDGET LBUFFER LINENO LINES LISTMAX LOGCHECK LOGNAME MACHTYPE MAIL MAILCHECK MAILPATH MANPATH MAPFILE MARK
    MATCH MBEGIN MEND MODULE_PATH NLSPATH NULLCMD NUMERIC OLDPWD OPTARG OPTERR OPTIND OSTYPE PAGER PARAMETERS PATH
    PATHEXT PENDING PGRP PIPESTATUS POSIXLY_CORRECT POSTEDIT PPID PREBUFFER PREDISPLAY PROMPT PROMPT_COMMAND
    PROMPT_DIRTRIM PROMPT2 PROMPT3 PROMPT4 PS0 PS1 PS2 PS3 PS4 PSVAR PWD RANDOM RBUFFER READNULLCMD REPLY REPORTTIME
    REPORTMEMORY RPROMPT RPROMPT2 RPS1 RPS2 SAVEHIST SECONDS SHELL SHELLOPTS SHLVL SPROMPT SRANDOM STTY SUFFIX TERM
    TERMINFO TERMINFO_DIRS TIMEFMT TIMEFORMAT TMOUT TMPDIR TMPPREFIX TMPSUFFIX TRY_BLOCK_ERROR
    TRY_BLOCK_INTERRUPT TTY TTYIDLE TZ UID USER USER_ID USERNAME VENDOR VISUAL WATCH WATCHFMT WIDGET WORDCHARS
    XTRACEFD ZBEEP ZDOTDIR ZLS_COLORS MBOX FORALL SYNCALL DIFFALL EPOCHREALTIME EPOCHSECONDS
""".split()  # noqa: SIM905 - a list of sixty lines says no more
"""What POSIX, bash, zsh, ksh93, mksh or busybox give a meaning of its own: sh(1), bash(1), zshparam(1), ksh93(1)."""

_SPECIAL_STARTS = (
    "BASH", "COMP_", "COMPREPLY", "DYLD_", "HIST", "KSH_", "LC_", "LD_", "MALLOC_", "NODE_", "PERL5", "PERL_",
    "PHP", "PYTHON", "READLINE_", "RUBY", "SSH_", "SUDO_", "ZLE_", "ZSH_", "DSAS__",
)  # fmt: skip


def variable(prefix: str, *names: str) -> str:
    """The variable of a role or group, or of a role's property: `DSAS_PS`, `DSAS_DB_MASTER__MYSQL_PORT`."""
    return prefix + "__".join(map(binding_name, names))


def named(view: View) -> Iterator[tuple[str, str]]:
    """Every variable that a role or group gives rise to, with what in the MATRIX it stands for."""
    prefix = view.options.sh_prefix
    for role in view.fleet.roles.values():
        yield variable(prefix, role.name), f"role {role.name}"
        yield variable(prefix, role.name, "all"), f"all hosts of role {role.name}"
        for key in sorted(_keys(role)):
            yield variable(prefix, role.name, key), f"property {key} of role {role.name}"
    for group in view.fleet.groups:
        yield variable(prefix, group), f"group {group}"
        yield variable(prefix, group, "all"), f"all hosts of group {group}"


def _keys(role: Role) -> set[str]:
    """The properties that a role has, its parents' among them."""
    found = set(role.keys())
    return found if role.parent is None else found | _keys(role.parent)


def mistakes(view: View) -> tuple[Diagnostic, ...]:
    """An error for each variable that would clobber the shell, the binding, or another variable."""
    prefix = view.options.sh_prefix
    if _PREFIX.fullmatch(prefix) is None:
        return (_error(f"sh.prefix {prefix!r} cannot start a variable's name", "letters, digits and _ only"),)
    found = []
    taken: dict[str, str] = {}
    for name, meaning in named(view):
        other = taken.setdefault(name, meaning)
        if other != meaning:
            found.append(_error(f"{other} and {meaning} would both be ${name} in sh", "rename one of them"))
        elif clobbers(name):
            cure = "give sh.prefix a value such as DSAS_, or rename it"
            found.append(_error(f"{meaning} would be ${name} in sh, which means something else", cure))
    return tuple(found)


def clobbers(name: str) -> bool:
    """Whether the shell, a program that it starts, or the binding itself gives this variable a meaning."""
    return name in OWN or name in _SPECIAL or name.startswith(_SPECIAL_STARTS)


def _error(message: str, cure: str) -> Diagnostic:
    return Diagnostic("M090", "error", Place("matrix.toml", 1, 1, 1), message, cure=cure)
