"""A reflector of another package joins through its entry point, and is held to the same rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from reflecting import only

from matrix_emitters import EmitterError
from matrix_emitters.reflection.model import entries, reflectors

GENDERS = '''
from jinja2 import DictLoader
from matrix_emitters.reflection.model import Configuration, Reflector
from matrix_emitters.writing import Language, environment

def spell(value):
    if not value.isascii() or set(value) & set(" ,\\n#"):
        raise ValueError(value)
    return value

GENDERS = Language("genders", spell)
TEMPLATE = """%% for host in scene.hosts
{{ host.name|quote }} {% for role in host.roles %}{{ role|quote }}{% if not loop.last %},{% endif %}{% endfor %}

%% endfor
"""

class Genders(Reflector):
    defaults = Configuration("genders", "genders", path="/etc/genders", each=False)
    options = {"upper": False}

    def text(self, scene):
        return environment(GENDERS, DictLoader({"genders": TEMPLATE})).get_template("genders").render(scene=scene)
'''


def test_it_is_an_entry_like_the_built_in_ones(offer: Callable[[str, str, str], None]) -> None:
    offer("matrix_reflectors", "genders = site_plugin:Genders", GENDERS)
    assert "genders" in reflectors()
    made = only("genders", "[ps]\n  w1 10.0.0.1 [cache]\n  w2 10.0.0.2\n", upper=True)
    assert (made.hosts, made.entry.path, made.entry.options) == (("w1", "w2"), "/etc/genders", {"upper": True})
    assert made.content.decode().splitlines()[1:] == ["w1 ps,cache", "w2 ps"]


@pytest.mark.parametrize(
    ("line", "source", "message"),
    [
        ("keepalived = site_plugin:Genders", GENDERS, "two reflectors are called keepalived"),
        ("pause = site_plugin:Genders", GENDERS, r"no reflector can be called pause \(site_plugin:Genders\)"),
        (
            "genders = site_plugin:Genders",
            "class Genders: pass\n",
            "is not a matrix_emitters.reflection.model.Reflector",
        ),
        ("genders = site_plugin:Nosuch", GENDERS, r"reflector genders \(site_plugin:Nosuch\) cannot be loaded"),
    ],
)
def test_a_package_that_does_it_wrong_is_named(
    offer: Callable[[str, str, str], None], line: str, source: str, message: str
) -> None:
    offer("matrix_reflectors", line, source)
    with pytest.raises(EmitterError, match=message):
        entries({})
