"""The variables of the sh binding: the name that each has in the templates, and the letter that it has on hosts.

The functions of `dsas.sh` run in the shell of whoever asks, and POSIX sh has no `local`: every variable is a global of
that shell. So there are few, each with a letter behind `DSAS__`, and functions that never run at the same moment share
one. A host reads dsas.sh at each first question, so that short names also save it time. In the templates each use has
a name of its own (`$DSAS__whole`), which assembly.py replaces by its letter (`$DSAS__l`).

A function that is called may overwrite any letter that it uses itself. A test finds what the text shows of values that
are lost so; what proves the rest are the questions in every shell. What a function may rely on stands at the head of
`records.sh.j2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from matrix_emitters.errors import EmitterError

REGISTERS: Mapping[str, str] = {
    # The tables: assigned once, by tables.py and dsas.conf, and read by all.
    "A": "HOSTS",  # names of all hosts, in the order of the MATRIX
    "K": "KEYS",  # the same as variables spell them (dsas__key)
    "R": "ROLES ROLE",  # names of all roles; ROLE_key: the record of a role
    "RA": "ROLE_ALL",  # ROLE_ALL_key: the hosts of a role
    "RS": "ROLE_SERVING",  # those of them in service
    "G": "GROUPS",
    "GA": "GROUP_ALL",
    "GS": "GROUP_SERVING",
    "S": "SITES",
    "P": "PROPERTIES",
    "X": "STATES",
    "D": "DOMAINS DOMAIN",  # keys of all domains; DOMAIN1 …: what a full name adds to the name
    "E": "DEFAULTS",  # DEFAULTS0 …: a record of @default
    "F": "FULLNAME",  # FULLNAME_key: the key of a host whose full name is another name altogether
    "H": "HOST",  # HOST_key: the record of a host
    "T": "SCATTERED",  # names of all variables above that depend on the MATRIX, to unset them
    "V": "VARIABLES",  # names of all variables of dsas.conf, to unset them
    "LOADED": "LOADED",  # generation and digest of the records in this shell
    "nl": "nl",  # a line end
    "slash": "slash",  # a backslash
    # A selector, while it is evaluated. The first four have the number of a term behind them.
    "N": "SEEN",  # 1 when the term held for some host
    "U": "KIND",  # what it names, for "unknown KIND"
    "W": "WANTED",  # the text that it names
    "Q": "OPERAND",  # the value that it asks for
    "M": "MARKING MARKS",  # the term whose pattern has marked hosts; MARKS_key: the terms that marked a host
    "Z": "STACK",  # 1 or 0 for each term that waits for its operator, the top first
    "B": "LOCALE",  # LC_ALL of the user, while a question is asked byte by byte
    # What functions work with.
    "a": "allexport",
    "b": "noglob",
    "c": "code restore",
    "d": "folder sign zeros",
    "e": "usual_folder",
    "f": "file name range_kind",
    "g": "generation globs_seen",
    "h": "globs",
    "i": "ifs",
    "j": "term",
    "k": "key",
    "l": "first letters lowered whole",
    "m": "host_record last order",
    "n": "batched number seen skipped step",
    "o": "operators",
    "p": "comparison fraction other_digit part short_key",
    "q": "batch question quoted",
    "r": "record",
    "s": "site source",
    "t": "alphabet decimal defaults digit digits domain each_key glob host item manners marks needed_term operand piece"
    " plain rest roles same_host shown true_pairs whose",
    "u": "bound kind nearest printing property small",
    "v": "by_bytes from_role value wanted",
    "w": "misspelt word",
    "x": "expected",
    "y": "own_name selected selector",
    "z": "needed",
}
"""Names by the letter that stands for them on hosts. A name may end in `_`, before a key or number that is added."""

FAR: Mapping[str, str] = {
    "F": "form",
    "M": "what",
    "S": "stage_way",
    "a": "ancestor interpreter parent",
    "b": "argument",
    "c": "step tool",
    "d": "entry folder",
    "e": "hops trouble",
    "f": "file name",
    "g": "group",
    "h": "closed digest",
    "k": "script_size",
    "l": "leader links",
    "m": "goal input_size",
    "me": "my_id",
    "mg": "my_group",
    "n": "given left seconds",
    "o": "bits facts id_words new_owner",
    "p": "path place worker",
    "q": "prefix",
    "r": "report rest result",
    "s": "stage status",
    "t": "new_name script target there top_path",
    "u": "input link_folder",
    "v": "verb",
    "w": "watcher",
    "x": "ignored",
    "y": "my_user",
}
"""The same for the variables of the scripts that run on hosts (`fleetwork/host/`); what is not here keeps its name.

These are sent with each call, as a word of the command that the login shell of the host reads: some sshd take no long
command, and every byte is sent to every host.
"""

HERE: Mapping[str, str] = {
    "C": "COUNT",  # of words (`count`)
    "F": "FLAG",  # state and reason of a host (`flag`)
    "G": "GROUP",  # 0 or own (`group_of`)
    "H": "SAFE",  # a text that a terminal may be shown (`safe`)
    "L": "HOSTS LINE",  # the hosts of a result (`of`); the line for a host (`remote`)
    "P": "CONTENT",  # the path of a file with a content (`here_at`, `fetched`)
    "R": "QUOTED",  # a text as one word for any shell (`quote`)
    "S": "STATUS",  # to end with (`finish`)
    "T": "SCRATCH",  # the folder of this run
    "V": "VALUE",  # of a property or an option (`known`, `seconds`)
    "p": "place",  # firm.sh
    "r": "unquoted",
    "s": "sleeper",
}
"""The same for FORALL, SYNCALL and DIFFALL in sh (`fleetwork/`): in capitals what a function leaves its caller."""


@cache
def letters() -> Mapping[str, str]:
    """The letter of each name."""
    return {name: letter for letter, names in REGISTERS.items() for name in names.split()}


def register(name: str) -> str:
    """The variable of that name as hosts have it: `DSAS__A` for HOSTS. Raises EmitterError where there is none."""
    letter = letters().get(name)
    if letter is None:
        raise EmitterError(f"DSAS__{name} has no letter: add it to REGISTERS in bindings/sh/registers.py")
    return f"DSAS__{letter}"
