"""What on a host no text may ever name, and which names let whoever chooses them run code."""

from __future__ import annotations

import re
from typing import Final

NEVER: Final = ("/var/lib/dsas", "/etc/dsas*", "/proc", "/sys", "/dev")
"""Folders of the text itself on every host, and of the kernel; a `*` at the end stands for any rest of the name."""

SYSTEM_FOLDERS: Final = frozenset(
    {
        *("/", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/etc", "/var", "/home", "/root", "/tmp", "/usr", "/usr/bin"),
        *("/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/share", "/usr/local", "/usr/local/bin", "/usr/local/sbin"),
        *("/var/tmp", "/run", "/srv", "/snap/bin", "/busybox", "/var/lib"),
    }
)
"""Folders with all kinds of programs: a text that may run any of them may run anything."""

SHELLS: Final = frozenset(
    {
        *(
            "ash",
            "awk",
            "bash",
            "busybox",
            "chroot",
            "csh",
            "curl",
            "dash",
            "doas",
            "ed",
            "env",
            "ex",
            "expect",
            "find",
        ),
        *("fish", "gawk", "git", "guile", "java", "ksh", "ksh93", "lua", "make", "mawk", "mksh", "nawk", "nc", "ncat"),
        *(
            "nice",
            "node",
            "nodejs",
            "nohup",
            "nsenter",
            "perl",
            "php",
            "python",
            "python2",
            "python3",
            "rbash",
            "rsync",
        ),
        *("ruby", "runuser", "script", "sed", "setpriv", "setsid", "sh", "socat", "ssh", "stdbuf", "su", "sudo"),
        *("systemd-run", "tar", "tclsh", "tcsh", "tee", "timeout", "toybox", "unshare", "vi", "vim", "watch", "wget"),
        *("xargs", "zsh", "cp", "dd", "install", "ln", "mv", "rm"),
    }
)
"""Programs that run, read or write what their arguments say; they are allowed by their own path alone."""

RISKY_VARIABLES: Final = re.compile(
    r"PATH|ENV|IFS|PS4|SHELL|HOME|EDITOR|VISUAL|PAGER|BROWSER|ZDOTDIR|TERMINFO|TERMCAP|HOSTALIASES|SSLKEYLOGFILE"
    r"|(?:CD|F|CLASS|LIB|NLS|LOC|MAN|INFO|SHLIB_)PATH|SCRIPT_FILENAME|DOCUMENT_ROOT|PATH_TRANSLATED"
    r"|(?:LD|DYLD|_?RLD|BASH|LUA|TCL|JULIA|GUILE|ERL|GEM|BUNDLE|NPM|JDK|_?JAVA|COR|CORECLR|DOTNET|GIT|GCONV|GLIBC"
    r"|MALLOC|OPENSSL|XDG)_.*"
    r"|(?:PERL|PYTHON|RUBY|PHP|TCLLIB).*|R_(?:HOME|LIBS|PROFILE|ENVIRON).*"
    r"|NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|REPL_.*|V8_.*|CHANNEL_.*)"
    r"|.*(?:PRELOAD|_COMMAND|LIBRARY_PATH|_HOOKS?|TOOL_OPTIONS|JAVA_OPTS|CATALINA_OPTS)",
    re.ASCII | re.IGNORECASE,
)
"""Variables by which a loader, a shell, an interpreter or its libraries find code or files, or take options (ld.so(8),
bash(1), perlrun(1), the manuals of the others), and those by which a CGI or FastCGI program is told its script.
"""

_PLAIN: Final = re.compile(r"/[A-Za-z0-9_./+@:,=~%-]*", re.ASCII)
_WITH_WILDCARDS: Final = re.compile(r"/[A-Za-z0-9_./+@:,=~%*?\[\]-]*", re.ASCII)
_WILDCARD: Final = re.compile(r"[*?\[]")


def is_plain_path(path: str, *, wildcards: bool = False) -> bool:
    """Whether a text is an absolute path of characters that mean themselves to every program."""
    return (_WITH_WILDCARDS if wildcards else _PLAIN).fullmatch(path) is not None


def never(path: str) -> str:
    """The place of NEVER that a path, which may have wildcards, could be in, or above; empty for none."""
    return next((place for place in NEVER if could_be(path, place)), "")


def could_be(path: str, place: str) -> bool:
    """Whether a path could match a place, something below it, or a folder above it: httpd includes whole folders.

    Of a part with wildcards only what stands before the first is compared, so that it errs on the safe side.
    """
    return all(_alike(mine, its) for mine, its in zip(path.split("/"), place.split("/"), strict=False))


def _alike(mine: str, its: str) -> bool:
    heads = [_WILDCARD.split(part, maxsplit=1)[0] for part in (mine, its)]
    if heads == [mine, its]:
        return mine == its
    shorter, longer = sorted(heads, key=len)
    exact = [part for part in (mine, its) if _WILDCARD.search(part) is None]
    if exact and exact[0] == shorter != longer:
        return False
    return longer.startswith(shorter)
