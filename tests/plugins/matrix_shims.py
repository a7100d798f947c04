"""Tools that stand in for a host's own, and kill what runs there before or after its n-th step."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

SHIM = """\
#!{shell}
# Stands in for {tool}: counts the steps, and kills all that runs with it before or after one of them; with $ALSO, which
# names a file with the number of another process group, that one first.
count() {{ # of two that run at once, each gets a number of its own
    n=1
    set -C
    until true >{folder}/count/$n; do n=$((n + 1)); done 2>/dev/null
}}
end() {{
    [ -z "${{ALSO:-}}" ] || {{ read -r group <"$ALSO"; kill -s KILL -- "-$group"; }}
    kill -9 0
}}
step() {{
    count
    [ "$n" -ne "${{AT:-0}}" ] || [ "$WHEN" != before ] || end
    {real} "$@"
    status=$?
    [ "$n" -ne "${{AT:-0}}" ] || [ "$WHEN" != after ] || end
    return $status
}}
{body}
"""
ONE_BY_ONE = """\
# Several files in one call are several steps.
options=
while :; do case ${1:-} in -*) options="$options $1"; shift ;; *) break ;; esac; done
if [ $# -le 2 ]; then step $options "$@"; exit; fi
for target; do :; done
while [ $# -gt 1 ]; do step $options "$1" "$target" || exit; shift; done
"""

KILL_AT = r"""
# Counts what changes files as the stand-ins of tools count their steps, and kills as they do.
package KillAt;
use Fcntl;

sub step {
    my ($real) = @_;
    return $real->() unless exists $ENV{AT};
    my $n = 1;
    $n++ until sysopen my $mark, "FOLDER/count/$n", O_CREAT | O_EXCL | O_WRONLY;
    kill KILL => -getpgrp if $n == $ENV{AT} and $ENV{WHEN} eq 'before';
    my $done = $real->();
    kill KILL => -getpgrp if $n == $ENV{AT} and $ENV{WHEN} eq 'after';
    return $done;
}

BEGIN {
    *CORE::GLOBAL::rename = sub ($$) { my @a = @_; step(sub { CORE::rename($a[0], $a[1]) }) };
    *CORE::GLOBAL::mkdir = sub (_;$) { my @a = @_; step(sub { CORE::mkdir($a[0], $a[1]) }) };
    *CORE::GLOBAL::link = sub ($$) { my @a = @_; step(sub { CORE::link($a[0], $a[1]) }) };
    *CORE::GLOBAL::rmdir = sub (_) { my @a = @_; step(sub { CORE::rmdir($a[0]) }) };
    *CORE::GLOBAL::unlink = sub (@) { my @a = @_; step(sub { CORE::unlink(@a) }) };
    *CORE::GLOBAL::syswrite = sub (*$;$$) {
        my @a = @_;
        $a[2] = length $a[1] unless defined $a[2];
        step(sub { CORE::syswrite($a[0], $a[1], $a[2], $a[3] || 0) });
    };
}

1;
"""


def write_shims(folder: Path, host: Any, tools: Iterable[str]) -> None:
    """Make a folder with stand-ins for those of the tools that a private host has; for perl the module KillAt."""
    folder.mkdir()
    (folder / "KillAt.pm").write_text(KILL_AT.replace("FOLDER", str(folder)))
    shell = shutil.which(host.shell[0])
    for tool in tools:
        real = shutil.which(tool, path=host.path)
        if real is None:
            continue
        body = ONE_BY_ONE if tool in ("mv", "cp") else 'step "$@"'
        (folder / tool).write_text(SHIM.format(shell=shell, tool=tool, folder=folder, real=real, body=body))
        (folder / tool).chmod(0o755)


def begin_count(folder: Path) -> None:
    """Count from nothing."""
    shutil.rmtree(folder / "count", ignore_errors=True)
    (folder / "count").mkdir()


def counted(folder: Path) -> int:
    """The steps since then."""
    return len(list((folder / "count").iterdir()))


def by_path(host: Any) -> Any:
    """The private host with a shell that finds its tools by PATH.

    Debian's busybox-static runs its own tools whatever PATH says; there dash stands in for its shell, and the tools
    stay busybox's.
    """
    shell = shutil.which(host.shell[0])
    asked = subprocess.run([shell, "-c", "cp --help"], env={"PATH": "/nowhere"}, capture_output=True, check=False)
    if asked.returncode == 127:
        return host
    dash = shutil.which("dash")
    folder = host.root.with_name("tools-and-dash")
    folder.mkdir()
    for path in Path(host.path).iterdir():
        (folder / path.name).symlink_to(dash if path.name == "sh" else path.resolve())
    return replace(host, shell=(str(folder / "sh"),), path=str(folder))
