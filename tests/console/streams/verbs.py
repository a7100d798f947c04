"""Every verb, called so that it does its whole work on the site of these tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A command line, its exit status where all is well, and what it needs beside the texts.

    `reads`: a text on standard input. `writes`: parts of the site without which, when they cannot be written, it cannot
    do its work. `serves`: until it is asked to end.
    """

    words: str
    status: int = 0
    reads: str = ""
    writes: tuple[str, ...] = ()
    serves: bool = False

    def __str__(self) -> str:
        return self.words


CASES: dict[str, list[Case]] = {
    "init": [Case("matrix init output/new", writes=("output",))],
    "import": [
        Case("matrix import hosts foreign"), Case("matrix import hosts - --json", reads="foreign"),
        Case("matrix import hosts foreign -o output/new", writes=("output",)),
    ],
    "check": [Case("matrix check"), Case("matrix check -", reads="MATRIX"), Case("matrix check --format json")],
    "fmt": [
        Case("matrix fmt --diff ugly", 1), Case("matrix fmt -", reads="ugly"), Case("matrix fmt --check ugly", 1),
        Case("matrix fmt output/ugly", writes=("output",)),
    ],
    "explain": [Case("matrix explain"), Case("matrix explain M001 --json")],
    "show": [Case("matrix show"), Case("matrix show --json")],
    "query": [Case("matrix query ps"), Case("matrix query --json ps")],
    "get": [Case("matrix get w1 weight"), Case("matrix get w1 weight --json")],
    "diff": [Case("matrix diff old", 1), Case("matrix diff old --json", 1)],
    "build": [
        Case("matrix build -o output/build", writes=("output",)),
        Case("matrix build -o output --json", writes=("output",)),
    ],
    "push": [
        Case("matrix push", writes=("state",)), Case("matrix push --json", writes=("state",)),
        Case("matrix push --dry-run --diff"),
    ],
    "status": [Case("matrix status"), Case("matrix status --json"),
               Case("matrix status --live", writes=("state",))],
    "watch": [Case("matrix watch", serves=True, writes=("state",))],
    "history": [Case("matrix history"), Case("matrix history --json")],
    "rollback": [Case("matrix rollback -n"), Case("matrix rollback", writes=("state",))],
    "adopt": [Case("matrix adopt HOST -o output/new", writes=("output",))],
    "enroll": [Case("matrix enroll -n w1 --key id.pub"), Case("matrix enroll -n w1 --json --key id.pub")],
    "scan": [Case("matrix scan"), Case("matrix scan --json")],
    "reflect": [
        Case("matrix reflect"), Case("matrix reflect own --for w1"), Case("matrix reflect own --check --for w1"),
        Case("matrix reflect own --diff", 1), Case("matrix reflect own --apply", writes=("state",)),
        Case("matrix reflect own --for w1 -o output/own", writes=("output",)),
    ],
    "forall": [Case("matrix forall w1 echo yes")],
    "FORALL": [
        Case("FORALL ps echo yes"), Case("FORALL -g ps echo yes"), Case("FORALL --json ps echo yes"),
        Case("FORALL -i ps cat", reads="foreign"), Case("FORALL --script ps ./script"),
        Case("FORALL w1 false", 3),
    ],
    "syncall": [Case("matrix syncall w1 ./tree/:/srv/t/")],
    "SYNCALL": [Case("SYNCALL ps ./tree/:/srv/t/"), Case("SYNCALL --json -n ps ./tree/:/srv/t/")],
    "diffall": [Case("matrix diffall --vote w1 /etc/dsas.conf")],
    "DIFFALL": [Case("DIFFALL ps ./tree/:/srv/t/", 1), Case("DIFFALL --json --vote w1 /etc/dsas.conf")],
    "demo": [Case("matrix demo --help")],
    "matrix": [Case("matrix --help"), Case("matrix --version"), Case("matrix qeury", 2)],
    "matrixd": [
        Case("matrixd", serves=True, writes=("state",)), Case("matrixd --log json", serves=True, writes=("state",)),
    ],
    "dmetad": [
        Case("dmetad -f MATRIX --listen unix:output/s", -15, serves=True), Case("dmetad --help"),
    ],
}  # fmt: skip
"""By verb or program. `demo` is a story of the others, told in processes of their own."""
