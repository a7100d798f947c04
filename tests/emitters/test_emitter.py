from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from conformance import fleet

from matrix_emitters import EmitterError
from matrix_emitters.artifacts import Artifact
from matrix_emitters.bindings import Emitter, build, check_options, emitter, registered
from matrix_emitters.view import BindingOptions, FileOptions
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

SMALL = "[web] vip=10.0.0.9:80\n    w1 10.0.0.1\n[path]\n    w1\n"


@pytest.fixture
def small() -> Fleet:
    return loads(SMALL)


@pytest.fixture
def install(offer: Callable[[str, str, str], None]) -> Callable[[str, str], None]:
    """Puts a package that offers an emitter beside ours."""
    return lambda name, source: offer("matrix_emitters", f"{name} = site_plugin:TcshEmitter", source)


TCSH = '''
from matrix_emitters.artifacts import Artifact
from matrix_emitters.view import View
from matrix_emitters.bindings import Emitter
from matrix_emitters.writing import Language, environment
from jinja2 import DictLoader

TCSH = Language("tcsh", lambda value: "'" + value.replace("'", "'\\\\''").replace("!", "\\\\!") + "'")
TEMPLATE = """%% for role in view.roles
set {{ role.name|quote }} = ({% for n in role.in_service %}{{ view.hosts[n].name|quote }} {% endfor %})
%% endfor
"""

class TcshEmitter(Emitter):
    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        template = environment(TCSH, DictLoader({"tcsh": TEMPLATE})).get_template("tcsh")
        return (view.options.artifact("/etc/dsas.csh", template.render(view=view)),)
'''


def test_the_same_fleet_gives_the_same_bytes_sorted_by_path() -> None:
    first, second = (build(fleet("odd"), 3) for _ in range(2))
    assert first == second
    assert [each.path for each in first] == sorted(each.path for each in first)
    assert build(loads(SMALL), 3) == build(loads(SMALL.replace("    ", "  ") + "# a comment\n"), 3)


def test_only_the_named_emitters_run(small: Fleet) -> None:
    assert [each.path for each in build(small, 1, only=["sh"])] == [
        "/etc/dsas.conf", "/etc/dsas.d/dsas.sh", "/etc/dsas.d/fleet-diffall.sh", "/etc/dsas.d/fleet-forall.sh",
        "/etc/dsas.d/fleet-syncall.sh", "/etc/dsas.d/fleet.sh",
    ]  # fmt: skip


def test_every_registered_emitter_loads_and_makes_files(small: Fleet) -> None:
    assert {"sh", "perl", "php", "python", "json", "ruby", "javascript"} <= set(registered())
    assert all(emitter(name).artifacts for name in registered())
    assert len(build(small, 1)) >= len(registered())


def test_an_unknown_emitter_is_named_with_the_nearest(small: Fleet) -> None:
    with pytest.raises(EmitterError, match=r"no emitter is called pyhton; .* did you mean python\?"):
        build(small, 1, only=["pyhton"])


def test_an_emitter_of_another_package_joins_through_its_entry_point(
    small: Fleet, install: Callable[[str, str], None]
) -> None:
    install("tcsh", TCSH)
    made = {each.path: each.content for each in build(small, 1)}
    assert made["/etc/dsas.csh"] == b"set 'web' = ('w1' )\nset 'path' = ('w1' )\n"
    assert "/etc/dsas.conf" in made


LUA = '''
from matrix_emitters.bindings import RecordBinding
from matrix_emitters.writing import Language

class LuaEmitter(RecordBinding):
    """Makes `/etc/dsas.lua`."""

    language = Language("lua", lambda value: f"[==[{value}]==]")
    path = "/etc/dsas.lua"
    template = "dsas.lua.j2"
'''


def test_a_binding_of_another_package_is_its_quoting_a_path_and_a_template(
    small: Fleet, offer: Callable[..., None]
) -> None:
    files = {"templates/dsas.lua.j2": "return {{ generation }}, {{ head | quote }}, {{ hosts | quote }}\n"}
    offer("matrix_emitters", "lua = site_plugin:LuaEmitter", LUA, files)
    made = {each.path: each.content.decode() for each in build(small, 7, only=["lua"])}
    assert made["/etc/dsas.lua"].startswith("return 7, [==[format\t")
    assert "role\tpath\t\t\tw1\t=\t\t\n" in made["/etc/dsas.lua"]
    assert "w1\t10.0.0.1\tw1\t" in made["/etc/dsas.lua"]


def test_an_emitter_that_forgets_to_quote_fails_the_build(small: Fleet, install: Callable[[str, str], None]) -> None:
    install("tcsh", TCSH.replace("role.name|quote", "role.name"))
    with pytest.raises(EmitterError, match="tcsh template: unquoted str: 'web'"):
        build(small, 1)


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("sh", TCSH, "two emitters are called sh"),
        ("tcsh", TCSH.replace("/etc/dsas.csh", "/etc/dsas.conf"), "sh and tcsh both make /etc/dsas.conf"),
        ("tcsh", "class TcshEmitter: pass\n", "is not a matrix_emitters.bindings.Emitter"),
        ("tcsh", "import nosuch_module\n", r"emitter tcsh \(site_plugin:TcshEmitter\) cannot be loaded"),
    ],
)
def test_a_package_that_does_it_wrong_is_named(
    small: Fleet, install: Callable[[str, str], None], name: str, source: str, said: str
) -> None:
    install(name, source)
    with pytest.raises(EmitterError, match=said):
        build(small, 1)


def test_a_site_moves_files_and_sets_their_modes(small: Fleet) -> None:
    options = BindingOptions(files={"/etc/dsas.conf": FileOptions("/opt/roles", 0o600)})
    first = build(small, 1, options, only=["sh"])[-1]
    assert (first.path, first.mode) == ("/opt/roles", 0o600)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sh": {"prefix": 3}}, "sh.prefix must be text"),
        ({"bindings": {"files": {"/x": {"modus": "0644"}}}}, "unknown setting modus"),
        ({"bindings": {"files": {"/x": {"mode": "rw"}}}}, "mode must be octal text"),
        ({"bindings": {"files": {"/x": {"mode": "7777"}}}}, "mode must be octal text"),
        ({"bindings": {"files": {"/x": {"path": "etc/x"}}}}, "path must be absolute"),
        ({"bindings": {"files": {"/x": {"path": "/etc/../x"}}}}, "path must be absolute"),
        ({"bindings": []}, "bindings must be a table"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, object], said: str) -> None:
    with pytest.raises(EmitterError, match=said):
        BindingOptions.from_settings(settings)


@pytest.mark.parametrize(
    ("prefix", "text", "said"),
    [
        ("", SMALL, "role path would be $PATH in sh, which means something else"),
        ("", "[lc_all]\n    w1 10.0.0.1\n", "role lc_all would be $LC_ALL in sh"),
        ("DSAS_", "[reply]\n    w1 10.0.0.1\n", "role reply would be $DSAS_REPLY in sh"),
        ("2X", SMALL, "cannot start a variable's name"),
        ("A-B", SMALL, "cannot start a variable's name"),
        ("X;touch ran;", SMALL, "cannot start a variable's name"),
    ],
)
def test_variables_that_would_clobber_the_shell_are_refused(prefix: str, text: str, said: str) -> None:
    options = BindingOptions(prefix)
    found = check_options(loads(text), options, only=["sh"])
    assert {each.severity for each in found} == {"error"}
    assert said in found[0].message
    with pytest.raises(EmitterError):
        build(loads(text), 1, options, only=["sh"])


@pytest.mark.parametrize("prefix", ["", "DSAS_", "MY_"])
def test_ordinary_roles_are_fine_with_any_prefix(prefix: str) -> None:
    assert check_options(fleet("example"), BindingOptions(prefix)) == ()
    conf = build(fleet("example"), 1, BindingOptions(prefix), only=["sh"])[0].content.decode()
    assert f"\n{prefix}CACHE='w104'\n" in conf
    assert "\nDSAS_ALL='lv1 " in conf


def test_an_emitter_takes_part_with_nothing_but_its_artifacts() -> None:
    class Least(Emitter):
        def artifacts(self, view: object) -> tuple[Artifact, ...]:
            return ()

    assert Least().check(None) == ()  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="abstract"):
        Emitter()  # type: ignore[abstract]


FAULTS = {
    "import": "raise RuntimeError('of theirs\\nin two lines')\n",
    "made": "class TcshEmitter:\n    def __init__(self):\n        raise KeyError('of theirs')\n",
    "artifacts": (
        "from matrix_emitters.bindings import Emitter\nclass TcshEmitter(Emitter):\n"
        "    def artifacts(self, view):\n        return (1 / 0,)\n"
    ),
    "gone through": (
        "from matrix_emitters.bindings import Emitter\nclass TcshEmitter(Emitter):\n"
        "    def artifacts(self, view):\n        yield 1 / 0\n"
    ),
    "check": (
        "from matrix_emitters.bindings import Emitter\nclass TcshEmitter(Emitter):\n    def artifacts(self, view):\n"
        "        return ()\n    def check(self, view):\n        raise ValueError('of theirs')\n"
    ),
    "no artifact": (
        "from matrix_emitters.bindings import Emitter\nclass TcshEmitter(Emitter):\n"
        "    def artifacts(self, view):\n        return ('text',)\n"
    ),
    "nothing": (
        "from matrix_emitters.bindings import Emitter\nclass TcshEmitter(Emitter):\n"
        "    def artifacts(self, view):\n        pass\n"
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_exception_of_somebodys_emitter_is_a_line_with_its_place(fault: str, small: Fleet, install) -> None:
    install("tcsh", FAULTS[fault])
    with pytest.raises(EmitterError) as caught:
        _ = check_options(small) if fault in ("import", "made", "check") else build(small, 1)
    said = str(caught.value)
    assert "emitter tcsh" in said
    assert "\n" not in said
    if fault not in ("no artifact", "nothing"):
        assert re.search(r"site_plugin\.py:\d+: \w+: ", said), said


def test_a_bug_of_our_own_keeps_its_traceback(small: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: object, view: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("matrix_emitters.bindings.sh.emitter.ShEmitter.artifacts", fails)
    with pytest.raises(ZeroDivisionError):
        build(small, 1, only=["sh"])
