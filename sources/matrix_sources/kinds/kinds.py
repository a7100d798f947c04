"""Lists the kinds of files that can be imported: a row for each, with what reads it and its options."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from matrix_sources.outline.outline import Outline


class ImportOption(NamedTuple):
    """An option of one kind, which its reader takes as text by this name; `matrix import` spells it `--name`.

    `choices` are its values where there are few. `is_file`: the command gives the reader what the file holds.
    `is_sign`: it is one character.
    """

    name: str
    meaning: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    is_file: bool = False
    is_sign: bool = False


class ImportKind(NamedTuple):
    """A kind of file: its name, what it is for people, and the function that reads its text, as `module:function`.

    `beside` are folders beside the file that are not read: the reader is told, by `beside`, which of them are there.
    """

    name: str
    title: str
    reader: str
    options: tuple[ImportOption, ...] = ()
    beside: tuple[str, ...] = ()

    def read(self, text: str, **options: str) -> Outline:
        """The outline of a text. The reader's module is imported now. Raises DraftError."""
        module, _, function = self.reader.partition(":")
        outline: Outline = getattr(import_module(module), function)(text, **options)
        return outline


KINDS: Final = (
    ImportKind(
        "keepalived",
        "a keepalived.conf",
        "matrix_sources.keepalived.roles:read_keepalived",
        (
            ImportOption("config_id", "take the conditional lines (@NAME …) as on the host of this id.", "NAME"),
            ImportOption("names", "a hosts file that names the real servers.", "FILE", is_file=True),
        ),
    ),
    ImportKind("hosts", "/etc/hosts", "matrix_sources.files.hosts_file:read_hosts"),
    ImportKind(
        "ansible",
        "an Ansible inventory (INI or YAML)",
        "matrix_sources.ansible.reading:read_ansible",
        (ImportOption("form", "the form of the inventory; else told from it.", choices=("ini", "yaml")),),
        beside=("group_vars", "host_vars"),
    ),
    ImportKind("genders", "a genders file", "matrix_sources.files.genders:read_genders"),
    ImportKind("ssh_config", "an ssh_config", "matrix_sources.files.ssh_config:read_ssh_config"),
    ImportKind(
        "csv",
        "a table as CSV",
        "matrix_sources.files.csv_table:read_csv",
        (
            ImportOption(
                "delimiter", "what stands between the cells; else told from the first line.", "SIGN", is_sign=True
            ),
        ),
    ),
)
"""Every kind, in the order in which `matrix import --help` names them."""
