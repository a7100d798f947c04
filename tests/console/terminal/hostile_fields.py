"""Every verb with the fields that it shows, each with hostile words in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from .conftest import HOSTILE, Site, toml

LATIN = os.fsdecode(HOSTILE.encode().replace(b"\xc2\x9b", b"\x9b"))
"""The same with a lone byte, which is no UTF-8: in names of files and in contents."""
BYTES = os.fsencode(LATIN)
Prepare = Callable[[Site], None]


def nothing(_site: Site) -> None:
    """As it is."""


def wrote(name: str, text: str) -> Prepare:
    def prepare(site: Site) -> None:
        site.write(name, text)

    return prepare


@dataclass(frozen=True)
class Case:
    """A command that shows a hostile field. What is `data`, and no message, is raw in a pipe: a draft only in part."""

    words: str
    prepare: Prepare = nothing
    data: bool = False
    until: str = ""
    draft: bool = False
    again: bool = False
    more: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


def lying(status: int) -> Prepare:
    return lambda site: site.lie(status)


def begun(site: Site) -> None:
    """The liar does what is asked for: what he says then is the answer of a host that is well."""
    site.lie(0, f"dsas 1 begun\n{HOSTILE}\n")


def strangers(site: Site) -> None:
    names = "".join(f"    {name} 192.0.2.{9 + place}\n" for place, name in enumerate(("greeter", "leaver", "stranger")))
    site.write("MATRIX", (site.folder / "MATRIX").read_text() + names)


def pushed(site: Site) -> None:
    """A generation whose author is hostile, and what a host answered, in the state."""
    site.lie(1)
    site.call("push")
    site.write("MATRIX", (site.folder / "MATRIX").read_text().replace("[STOP:", "[WARN:"))
    site.call("push")


def drifted(site: Site) -> None:
    site.call("push")
    site.on("w1", "/etc/dsas.conf", BYTES + b"\n")


def reflected(site: Site) -> None:
    """An own template that writes hostile text; hosts have another; check and apply say hostile words."""
    site.write("templates/own.j2", f"# {{{{ header }}}}\n{HOSTILE}\n")
    said = site.write("said", BYTES)
    tables = f"path = '/etc/own'\ncheck = 'cat {said}; exit 1'\napply = 'cat {said} >&2; exit 1'\nhosts = 'w[1-2]'\n"
    site.settings(f"[reflect]\nprobe = false\npause = 0\n[reflect.own]\ntemplate = 'own.j2'\n{tables}")
    for host in ("w1", "w2"):
        site.on(host, "/etc/own", BYTES + b"\n")


def applied_in_vain(site: Site) -> None:
    reflected(site)
    toml = site.folder / "matrix.toml"
    toml.write_text(
        toml.read_text().replace("check = 'cat", "check = 'true; : '# ").replace("exit 1'\napply", "'\napply")
    )


def bad_template(site: Site) -> None:
    reflected(site)
    site.write("templates/own.j2", "{{ fleet.role('" + HOSTILE + "') }}\n")


def files(site: Site) -> None:
    """A tree here and on w1 and w2, with hostile names, links and contents, which differ."""
    site.write(f"t/{LATIN}", BYTES + b"\none\n")
    site.write("t/one", BYTES + b"\nhere\n")
    pipe = site.folder / f"t/{LATIN}.pipe"
    if not pipe.exists():
        os.mkfifo(pipe)
    for place, host in enumerate(("w1", "w2")):
        site.on(host, f"/srv/t/{LATIN}", BYTES + b"\ntwo\n")
        site.on(host, f"/srv/t/only{LATIN}", b"\x1b")
        site.on(host, "/srv/t/one", BYTES + f"\nthere {place}\n".encode())


def including(site: Site) -> None:
    site.write("MATRIX", f'@matrix 1\n@include "{HOSTILE}"\n')


def named_badly(site: Site) -> None:
    site.write(f"{LATIN}/MATRIX", (site.folder / "MATRIX").read_bytes())


def owned_badly(site: Site) -> None:
    """w2 says of every file that somebody with a hostile name owns it."""
    for host in ("w1", "w2"):
        site.on(host, "/srv/mode", b"x")
    site.write("t/one", "x")


def setting(line: str) -> Prepare:
    return lambda site: site.settings(line)


FOREIGN = f"10.0.0.1 {HOSTILE}\n10.0.0.2 good # {HOSTILE}\n"

CASES: dict[str, list[Case]] = {
    "init": [Case("init LATIN")],
    "import": [
        Case("import hosts foreign", draft=True, prepare=wrote("foreign", FOREIGN)),
        Case("import hosts foreign --json", wrote("foreign", FOREIGN)),
        Case("import hosts LATIN"), Case("import ansible foreign", wrote("foreign", FOREIGN)),
    ],
    "check": [Case(f"check --format {form}", including) for form in ("full", "concise", "json", "github")]
    + [Case("check LATIN/MATRIX", named_badly)],
    "fmt": [
        Case("fmt --diff", wrote("MATRIX", f'@matrix 1\nw1    10.1.1.1   mark="{HOSTILE}"\n')),
        Case("fmt --check LATIN/a", wrote(f"{LATIN}/a", "@matrix 1\nw1    10.1.1.1\n")),
        Case("fmt LATIN/b", wrote(f"{LATIN}/b", "@matrix 1\nw1    10.1.1.1\n")),
    ],
    "explain": [Case("explain WORD"), Case("explain WORD --json")],
    "show": [Case("show"), Case("show --json"), Case("show WORD"), Case("show -f LATIN")],
    "query": [Case("query WORD"), Case("query --json WORD")],
    "get": [
        Case("get w1 mark", data=True), Case("get w2 reason", data=True), Case("get w1 mark --json"),
        Case("get w1 WORD"), Case("get WORD mark"), Case("get w2 mark --default WORD", data=True),
    ],
    "diff": [
        Case("diff old", wrote("old", "@matrix 1\n[ps]\n    w1 192.0.2.1 mark=x\n")),
        Case("diff old --json", wrote("old", "@matrix 1\n[ps]\n    w1 192.0.2.1 mark=x\n")),
        Case("diff WORD"),
    ],
    "build": [Case("build -o LATIN"), Case("build -o LATIN --json")],
    "push": [
        *(Case("push", lying(status)) for status in (0, 1, 60, 65, 68, 74)),
        Case("push --dry-run", lying(1)), Case("push --json", lying(61)), Case("push", strangers),
        Case("push --dry-run --json", strangers), Case("push --dry-run --diff", drifted),
        Case("push WORD"), Case("push --canary WORD"), Case("push", setting(f"{toml(HOSTILE)} = 1")),
        Case("push", environment={"MATRIX_PUSH_RETRY": HOSTILE}), Case("push", environment={"MATRIX_FILE": LATIN}),
    ],
    "status": [
        Case("status", pushed), Case("status --json", pushed), Case("status --live", pushed),
        Case("status", environment={"MATRIX_STATE": f"/nowhere/{HOSTILE}"}),
    ],
    "watch": [
        Case("watch --log FORM", lying(1), until="liar", more=(form,)) for form in ("plain", "logfmt", "json")
    ],
    "history": [Case("history", pushed), Case("history --json", pushed)],
    "rollback": [Case("rollback -n", pushed), Case("rollback 1", pushed)],
    "adopt": [
        Case("adopt HOST -o new", pushed), Case("adopt HOST -o new --json", pushed),
        Case("adopt liar -o new", lying(1)),
        Case("adopt greeter -o new"), Case("adopt leaver -o new"), Case("adopt stranger -o new"),
        Case("adopt WORD -o new"),
    ],
    "scan": [Case("scan", strangers), Case("scan --json", strangers), Case("scan WORD")],
    "enroll": [
        Case("enroll liar --key id_ed25519.pub", lying(status)) for status in (0, 1, 65, 69)
    ] + [Case("enroll -n liar --json --key id_ed25519.pub", lambda site: site.lie(0, f"change {HOSTILE}\ndsas 1 x\n"))],
    "reflect": [
        Case("reflect own --for w1", reflected, data=True), Case("reflect own --check --for w1", reflected),
        Case("reflect own --diff", reflected), Case("reflect own --diff --json", reflected),
        Case("reflect own --apply", reflected), Case("reflect own --apply --json", reflected),
        Case("reflect own --apply", applied_in_vain), Case("reflect own --for w1", bad_template), Case("reflect WORD"),
        Case("reflect", setting(f"[reflect.{toml(HOSTILE)}]")),
    ],
    "forall": [
        Case("forall liar anything", data=True), Case("forall liar anything", lying(3), data=True),
        Case("forall -g liar,w1 true", begun, data=True),
        Case("forall --diff-against w1 liar,w1 true", begun, data=True),
        Case("forall --json liar anything"), Case("forall greeter,leaver,stranger,w1 true", strangers),
        Case("forall w[2-3] true"),
        Case("forall --json greeter,leaver,stranger true", strangers), Case("forall WORD true"),
        Case("forall --script w1 WORD"),
    ],
    "syncall": [
        Case("syncall -n w[1-2] ./t/:/srv/t/", files, data=True), Case("syncall --delete w[1-2] ./t/:/srv/t/", files),
        Case("syncall --json w1 ./t/:/srv/t/", files), Case("syncall liar ./t/:/srv/t/", files),
        Case("syncall --then SAY w1 ./t/:/srv/t/", files, data=True, again=True), Case("syncall w1 WORD"),
    ],
    "diffall": [
        Case("diffall w[1-2] ./t/:/srv/t/", files, data=True), Case("diffall --vote w[1-2] /srv/t", files, data=True),
        Case("diffall --mode -q w[1-3] ./t/:/srv/t/", files), Case("diffall liar ./t/:/srv/t/", files),
        Case("diffall --mode w[1-2] ./t/one:/srv/mode", owned_badly),
        Case("diffall w1 WORD"),
    ],
    "demo": [Case("demo WORD")],
}  # fmt: skip
