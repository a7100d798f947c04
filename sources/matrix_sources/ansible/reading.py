"""Reads an Ansible inventory of either form, which is told from its first line where nobody says it."""

from __future__ import annotations

import re
from typing import Final

from matrix_sources.outline.outline import Outline

from .ini import read_ini
from .outline import outline_of

_YAML: Final = re.compile(r"""---(?:\s|$)|[{]|%YAML|-\s|["']?[\w.-]+["']?\s*:(?:\s|$)""")


def read_ansible(text: str, form: str = "", beside: str = "") -> Outline:
    """The outline of an inventory; `form` is `ini` or `yaml`, `beside` the folders of variables that lie beside it.

    Raises DraftError.
    """
    if (form or ("yaml" if _looks_like_yaml(text) else "ini")) == "ini":
        outline = outline_of(read_ini(text))
    else:
        from .yaml import read_yaml  # PyYAML is imported for YAML alone

        outline = outline_of(read_yaml(text))
    for folder in beside.split():
        outline.leave(0, f"{folder}/", "variables in files of their own, beside the inventory")
    return outline


def _looks_like_yaml(text: str) -> bool:
    """Whether the first line that says anything is one of YAML: `---`, `all:`, or the `{` of JSON."""
    for line in text.split("\n"):
        bare = line.strip()
        if bare and not bare.startswith(("#", ";")):
            return _YAML.match(bare) is not None
    return False
