from __future__ import annotations

import os

import pytest
from language_drivers import Question

from matrix_grammar import Fleet
from matrix_grammar.model import Host, Membership, Role

LANGUAGES = ["perl", "php", "python", "ruby", "javascript"]


@pytest.fixture
def fleet() -> Fleet:
    """A host of this machine's name, and two others."""
    here = os.uname().nodename.partition(".")[0]
    names = {here: f"{here}.example.jp", "w1": "w1.example.jp", "mail.example.net": "mail.example.net"}
    hosts = tuple(Host(name, (), full, memberships=(Membership("ps"),)) for name, full in names.items())
    return Fleet(hosts, {"ps": Role("ps", hosts=hosts)}, {}, {}, {})


@pytest.fixture(params=LANGUAGES)
def whoami(request, languages, install, fleet, tmp_path_factory):
    """Asks who this host is, with these variables and this content of the file `self`."""
    language = languages[request.param]
    root = install(fleet, language.emitter)
    folder = tmp_path_factory.mktemp("dsas.d")

    def asked(content: str | bytes | None = None, **environment: str) -> object:
        if content is not None:
            (folder / "self").write_bytes(content.encode() if isinstance(content, str) else content)
        return language.ask(root, [Question("self")], DSAS_DIR=str(folder), **environment)[0]

    return asked


@pytest.mark.parametrize("called", ["w1", "W1", "w1.example.jp", "W1.Example.JP", "w1.elsewhere.example"])
def test_the_environment_says_it_first(whoami, called):
    assert whoami("mail.example.net\n", DSAS_SELF=called) == "w1"


@pytest.mark.parametrize("content", ["w1", "w1\n", "  W1.example.jp \r\nmail.example.net\n"])
def test_then_the_first_line_of_the_file(whoami, content):
    assert whoami(content) == "w1"
    assert whoami(content, DSAS_SELF="") == "w1"


def test_then_the_name_of_the_machine(whoami):
    here = os.uname().nodename.partition(".")[0]
    assert whoami() == here
    assert whoami("") == here


def test_a_machine_that_is_not_in_the_matrix_is_an_error(whoami):
    assert isinstance(whoami(DSAS_SELF="stranger.example.jp"), Exception)
    assert isinstance(whoami("stranger\nw1\n"), Exception)
    assert isinstance(whoami(b"\xff\xfe\n"), Exception)
