"""What a text may name that runs or shows something on a host: what matrix.toml allows, and nothing else."""

from pathlib import Path

import pytest
from apache import Apache
from loopback import get, serving
from matrix_ports import free_port
from reflecting import errors, only, run

from matrix_emitters import EmitterError
from matrix_emitters.reflection.model import Allowed, allowed_of, check_allowed, entries
from matrix_grammar.diagnostics import Diagnostic
from matrix_grammar.reading import reads

NOTHING = Allowed()


def httpd_text(properties: str) -> str:
    return f"[www] httpd.name=a {properties}\n  web1 127.0.0.1 [httpd]\n"


def diagnostics(text: str, allowed: Allowed = NOTHING) -> list[Diagnostic]:
    return list(check_allowed(reads(text), entries({}, allowed)))


@pytest.mark.parametrize(
    "value",
    [
        *("/etc/apache2/sites/../../passwd", "/etc/apache2/./sites/a", "sites/a.conf", "/etc/apache2/sites/${X}"),
        *("/etc/apache2/site*/a.conf", "/etc/apache2/sitesx/a.conf", "/etc/apache2/sites//a.conf", "/etc/*/sites/a"),
        *("/var/lib/dsas/generations/*/matrix/MATRIX", "/var/lib/*/generations/1/matrix/MATRIX", "/var/li[b]/dsas/x"),
        *(
            "/v*/lib/dsas/current",
            "/etc/dsas.conf",
            "/etc/dsas*",
            "/etc/ds[a]s.conf",
            "/etc/dsas.d/self",
            "/etc/*.conf",
        ),
        *("/proc/self/environ", "/dev/stdin", "/*/self/environ", "/var", "/etc", "/", "/etc/motd"),
    ],
)
def test_a_file_is_included_only_from_where_it_is_allowed(value: str) -> None:
    everything = Allowed(
        httpd_include=("/etc/apache2/sites/", "/var/lib/dsas/", "/proc/", "/dev/"), reached=("/etc/motd",)
    )
    assert everything.judge("httpd.include", value) is not None
    assert everything.judge("httpd.include", "/etc/apache2/sites/a.conf") is None
    assert everything.judge("httpd.include", "/etc/apache2/sites/*/a*.conf") is None


def test_what_the_text_itself_has_a_say_in_is_never_allowed_by_a_folder_above_it() -> None:
    wide = Allowed(httpd_include=("/etc/", "/var/"), httpd_root=("/var/",), reached=("/etc/motd", "/srv/matrix"))
    for value in ("/etc/motd", "/etc/m*", "/etc/dsas.conf", "/var/lib/dsas/current", "/var/*/dsas/current"):
        verdict = wide.judge("httpd.include", value)
        assert verdict is not None
        assert verdict.refused
        assert not verdict.item, value
    assert wide.judge("httpd.include", "/etc/apache2/a.conf") is None
    assert wide.judge("httpd.root", "/var/lib/dsas") is not None


@pytest.mark.parametrize(
    "value",
    [
        *("misc:/bin/sh -c 'id'", "misc:/usr/bin/env x", "misc:/usr/local/lib/checks/../../bin/id", "misc:/tmp/x"),
        *("misc:/usr/local/lib/checksx/a", "misc:/usr/local/lib/checks/python3 -c x", "misc:/usr/local/lib/checks/a'b"),
        *(
            "misc:/usr/local/lib/checks/a x;id",
            "misc:/usr/local/lib/checks/a `id`",
            "misc:/var/lib/dsas/generations/1/x",
        ),
        *("misc:/usr/local/lib/checks/a|id", "misc:/usr/local/lib/checks/*", "misc:/proc/self/exe"),
    ],
)
def test_a_program_runs_only_when_it_is_allowed(value: str) -> None:
    allowed = Allowed(programs=("/usr/local/lib/checks/", "/var/lib/dsas/generations/1/x"))
    verdict = allowed.judge("check", value)
    assert verdict is not None
    assert verdict.refused
    assert allowed.judge("check", "misc:/usr/local/lib/checks/dns 10.0.0.1 'a b'") is None
    assert allowed.judge("check", "http:/misc:/bin/sh") is None


def test_no_line_to_paste_hands_out_a_shell() -> None:
    for program in ("/bin/sh", "/usr/bin/python3", "/usr/bin/sudo", "/usr/bin/find"):
        verdict = NOTHING.judge("check", f"misc:{program} x")
        assert verdict is not None
        assert not verdict.item
    assert Allowed(programs=("/bin/sh",)).judge("check", "misc:/bin/sh -c id") is None, "it was named, by its own path"


@pytest.mark.parametrize("folder", ["/bin", "/usr/bin/", "/usr/local/bin", "/", "bin", "/usr/../bin", "/opt/*"])
def test_no_folder_with_all_kinds_of_programs_can_be_allowed(folder: str) -> None:
    with pytest.raises(EmitterError, match=r"allow\.programs"):
        allowed_of({"programs": (folder,)})


@pytest.mark.parametrize(
    ("name", "at_once"),
    [
        *((name, True) for name in ("LD_PRELOAD", "LD_X", "PATH", "path", "BASH_ENV", "ENV", "PERL5LIB", "PERL5OPT")),
        *(
            (name, True)
            for name in ("PYTHONPATH", "RUBYOPT", "NODE_OPTIONS", "PHP_VALUE", "PHPRC", "GCONV_PATH", "IFS")
        ),
        *(
            (name, True)
            for name in ("PHP_ADMIN_VALUE", "GIT_SSH_COMMAND", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "HOME")
        ),
        *(
            (name, True)
            for name in ("OPENSSL_CONF", "BASH_FUNC_x", "SCRIPT_FILENAME", "DOTNET_STARTUP_HOOKS", "LUA_INIT")
        ),
        *((name, False) for name in ("APP_ENV", "NODE_ENV", "RAILS_ENV", "GREETING", "DB_HOST", "REGION", "LDAP_HOST")),
    ],
)
def test_variables_that_name_code_are_refused_at_once_and_others_in_the_next_release(name: str, at_once: bool) -> None:
    verdict = NOTHING.judge("httpd.env", f"{name}=x")
    assert verdict is not None
    assert verdict.refused == at_once
    assert Allowed(httpd_env=(name,)).judge("httpd.env", f"{name}=x") is None


def test_what_is_refused_keeps_its_configuration_from_being_made_and_is_no_error_of_the_text() -> None:
    text = httpd_text("httpd.include=/etc/apache2/own/a.conf")
    (said,) = errors(only("httpd", text, allowed=NOTHING))
    assert said == "host web1 in role www: httpd.include: /etc/apache2/own/a.conf is not allowed"
    (found,) = diagnostics(text)
    assert (found.code, found.severity) == ("M091", "warning")
    assert found.place.line == 1
    assert found.cure.endswith('under [allow] in matrix.toml: httpd_include = ["/etc/apache2/own/a.conf"]')
    allowed = allowed_of({"httpd_include": ("/etc/apache2/own/a.conf",)})
    assert not diagnostics(text, allowed)
    assert not errors(only("httpd", text, allowed=allowed))


def test_what_only_shows_something_works_for_one_release() -> None:
    text = httpd_text("httpd.root=/srv/www httpd.env=APP_ENV=x")
    made = only("httpd", text, allowed=NOTHING)
    assert not errors(made)
    assert len([each for each in made.findings if "the next release refuses" in each.message]) == 2
    assert [each.code for each in diagnostics(text)] == ["M092", "M092"]
    allowed = allowed_of({"httpd_root": ("/srv/",), "httpd_env": ("APP_ENV",)})
    assert not diagnostics(text, allowed)
    assert not only("httpd", text, allowed=allowed).findings


@pytest.mark.parametrize("check", ["misc:/opt/checks/a x", "mis[c-c]:/opt/checks/a"])
def test_a_check_by_a_program_is_told_wherever_it_is_written(check: str) -> None:
    spelled = check if "[" in check else f'"{check}"'
    tag = f"[lv]\n  lb 10.0.0.9\n[ps] vip=10.9.9.9:80\n  w1 10.0.0.2 [ps check={spelled}]\n"
    default = f"@default check={spelled}\n[lv]\n  lb 10.0.0.9\n"
    more = f"[lv]\n  lb 10.0.0.9\n[ps] vip=10.9.9.9:80\n    check={spelled}\n  w1 10.0.0.2\n"
    for text in (tag, default, more):
        (said,) = diagnostics(text)
        assert said.code == "M091"
        line = text.splitlines()[said.place.line - 1]
        assert line[said.place.column - 1 : said.place.end - 1] == f"check={spelled}"


def test_the_line_names_all_that_is_missing_and_keeps_what_is_allowed() -> None:
    text = httpd_text("httpd.env=A=1 httpd.env=B=2")
    found = diagnostics(text, Allowed(httpd_env=("C",)))
    assert {each.cure.partition(": ")[2] for each in found} == {'httpd_env = ["C", "A", "B"]'}


def test_a_site_that_reflects_nothing_of_the_kind_is_not_warned() -> None:
    assert not diagnostics('[www] httpd.include=/x check="misc:/bin/x"\n  web1 10.0.0.1\n')
    own = entries({"httpd": {"template": "own.j2", "path": "/etc/x", "hosts": "httpd"}})
    assert not check_allowed(reads(httpd_text("httpd.include=/x")), own)


@pytest.mark.needs("apache2ctl")
def test_a_text_runs_nothing_in_a_real_apache(tmp_path: Path) -> None:
    """The attempt of the review: an included text, valid in both languages, had Apache start a program as root."""
    port, proof = free_port(), tmp_path / "PWNED"
    carried = tmp_path / "generations/7/matrix/x.matrix"
    carried.parent.mkdir(parents=True)
    carried.write_text(f'ErrorLog "|/usr/bin/touch {proof}"\n')
    text = httpd_text(f'httpd.port={port} httpd.include="{tmp_path}/generations/*/matrix/x.matrix"')
    assert errors(only("httpd", text, allowed=NOTHING))
    assert errors(
        only("httpd", text, allowed=Allowed(httpd_include=(f"{tmp_path}/",), reached=(str(tmp_path / "generations"),)))
    )
    made = only("httpd", text, allowed=Allowed(httpd_include=(f"{tmp_path}/",)))
    assert not errors(made), "where matrix.toml allows it, it is the site's own"
    apache = Apache(tmp_path)
    assert apache.check(made).returncode == 0
    with serving(apache.start(port), port):
        get(port, "/")
    assert run("ls", str(proof)).returncode == 0, "so that this test sees what it says"
