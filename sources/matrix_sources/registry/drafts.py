"""Drafts of all kinds: a foreign text in, the text of a MATRIX out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from matrix_grammar.reading import collector_at_rest
from matrix_sources.ansible.ini import read_ini
from matrix_sources.ansible.outline import outline_of
from matrix_sources.draft.writing import Draft, write
from matrix_sources.files.csv_table import read_csv
from matrix_sources.files.genders import read_genders
from matrix_sources.files.hosts_file import read_hosts
from matrix_sources.files.ssh_config import read_ssh_config
from matrix_sources.keepalived.roles import read_keepalived
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.outline import Outline

_YAML: Final = re.compile(r"""---(?:\s|$)|[{]|%YAML|-\s|["']?[\w.-]+["']?\s*:(?:\s|$)""")


def draft(kind: str, text: str, source: str, **options: str) -> Draft:
    """The draft of a foreign text of one of `DRAFT_KINDS`; `source` names it in the draft's comments.

    Options: `config_id`, whose conditional lines count, and `names`, the text of a hosts file (keepalived); `delimiter`
    (csv); `form`, `ini` or `yaml`, told from the text without, and `beside`, the folders of variables beside the
    inventory (ansible). Raises DraftError when nothing can be drafted.
    """
    with collector_at_rest():
        return write(DRAFT_KINDS[kind](text, **options), source)


def _ansible(text: str, form: str = "", beside: str = "") -> Outline:
    if (form or ("yaml" if _looks_like_yaml(text) else "ini")) == "ini":
        outline = outline_of(read_ini(text))
    else:
        from matrix_sources.ansible.yaml import read_yaml  # PyYAML is imported for YAML alone

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


DRAFT_KINDS: Final[dict[str, Callable[..., Outline]]] = {
    "keepalived": read_keepalived,
    "hosts": read_hosts,
    "ansible": _ansible,
    "genders": read_genders,
    "ssh_config": read_ssh_config,
    "csv": read_csv,
}
"""What reads each kind of text."""

__all__ = ["DRAFT_KINDS", "Draft", "DraftError", "draft"]
