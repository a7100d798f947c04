"""Diagnostics of texts as a whole: files, characters, versions, includes."""

from __future__ import annotations

from typing import Final

from .code import Code

CODES: Final = (
    Code(
        "M001",
        "a file cannot be read",
        (
            "The MATRIX, or a file that it includes, is missing, is a directory, is not a regular file, "
            "is larger than 256 MiB, or may not be read by this user. Pipes and devices are refused, so "
            "that nothing can hold a reader up."
        ),
    ),
    Code(
        "M002",
        "text that is not UTF-8",
        (
            "Every text is UTF-8. The column is that of the first byte that is not; the line cannot be "
            "used. Files in Latin-1 or EUC-JP are converted with `iconv -f LATIN1 -t UTF-8`."
        ),
        wrong=b'w1  10.0.0.1  [web]  "caf\xe9"\n',
        right='w1  10.0.0.1  [web]  "café"\n',
    ),
    Code(
        "M003",
        "control character",
        (
            "Control characters and characters that turn the direction of writing make a text read "
            "otherwise than it is. Outside of quoted strings none is allowed but the tab; a NUL byte is "
            "allowed nowhere. A file with a NUL near its start is no text at all."
        ),
        wrong="w1  10.0.0.1  [STOP: \x1b[2J]\n",
        right="w1  10.0.0.1  [STOP: disk]\n",
    ),
    Code(
        "M004",
        "line too long",
        "A line may have 65,536 characters. Hosts that differ by number are written as a range.",
        wrong="w1  10.0.0.1  # " + "-" * 65_536 + "\n",
        right="w1  10.0.0.1  # -----\n",
    ),
    Code(
        "M005",
        "byte-order mark",
        (
            "Some editors put the invisible character U+FEFF in front of a text. It is dropped; other "
            "programs may trip over it."
        ),
        wrong=b"\xef\xbb\xbfw1  10.0.0.1\n",
        right="w1  10.0.0.1\n",
        severity="warning",
    ),
    Code(
        "M006",
        "MATRIX without hosts",
        "The text is valid, but declares nothing. Such a MATRIX is never pushed to hosts.",
        wrong="# nothing yet\n",
        right="w1  10.0.0.1\n",
        severity="warning",
    ),
    Code(
        "M007",
        "language version",
        (
            "`@matrix N` names the version of the language in which a text is written. A text of a newer "
            "version is refused as a whole, since what it says may mean something else here."
        ),
        wrong=("@matrix 9\nw1  10.0.0.1\n"),
        right=("@matrix 1\nw1  10.0.0.1\n"),
    ),
    Code(
        "M008",
        "include without a file",
        (
            "No file matches the pattern, which is relative to the file that the line stands in. A part "
            "of the site would be missing."
        ),
        wrong=("@include sites/*.matrix\nw1  10.0.0.1\n"),
        right=("@include site.matrix\nw1  10.0.0.1\n"),
        includes={"site.matrix": "w2  10.0.0.2\n"},
    ),
    Code(
        "M009",
        "include that goes in a circle",
        "A file includes itself, directly or through others.",
        wrong="@include a.matrix\n",
        right="@include b.matrix\n",
        includes={"a.matrix": "@include a.matrix\nw1  10.0.0.1\n", "b.matrix": "w1  10.0.0.1\n"},
    ),
    Code(
        "M010",
        "file included twice",
        "All that a file declares would be declared twice. The second include is not read.",
        wrong=("@include a.matrix\n@include *.matrix\n"),
        right="@include *.matrix\n",
        includes={"a.matrix": "w1  10.0.0.1\n"},
    ),
    Code(
        "M056",
        "include of a text outside of the folder of the MATRIX",
        (
            "Who writes the MATRIX could have any file of this machine carried to every host. So `@include` stays"
            " below the folder of the MATRIX, links followed, unless `includes` under `[allow]` in matrix.toml "
            "names the file, or the folder above it. This release takes such a text all the same, without showing"
            " a line of it."
        ),
        severity="warning",
        next_release=True,
    ),
    Code(
        "M057",
        "include of a text that is not taken",
        (
            "A text outside of the folder of the MATRIX that not everybody may read, or one within it that fewer "
            "people may read than the MATRIX, would become readable to all on every host. It is taken when it is "
            "called MATRIX or `*.matrix`, or when `includes` under `[allow]` in matrix.toml names it. Nothing "
            "below `/proc`, `/sys` and `/dev` is ever taken."
        ),
    ),
    Code(
        "M058",
        "mistakes in a text that is not shown",
        (
            "What stands outside of the folder of the MATRIX, or is not for everybody to read, may be a file that"
            " was never meant to be shown, so its mistakes are counted and nothing else. Named by `includes` "
            "under `[allow]` in matrix.toml, it is a text as any other."
        ),
    ),
    Code(
        "M059",
        "include that looks too far",
        (
            "All patterns of a MATRIX together look into 10,000 folders and at 1,000,000 files at most, for 10 s "
            "at most, and a `**` goes down 64 folders at most, none of them above the folder of the MATRIX or "
            "below `/proc`, `/sys` and `/dev`."
        ),
    ),
    Code(
        "M069",
        "wrong file of properties",
        (
            "A package that is installed beside this program offers properties (entry points `matrix_properties`), and "
            "its `properties.toml` cannot be used: it is missing or wrong, or has a property that is known already. "
            "Without it the values of its properties would go to hosts unchecked. Repair the package, or uninstall it."
        ),
    ),
)
