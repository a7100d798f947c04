"""Finds where the sh sources lose the value of a variable, since another name of the same letter is written meanwhile.

The sources give each use of a variable a name of its own, and hosts one letter to several of them. A value is lost
where a name is read, and what was written to its letter last, in the function or in one that it has called, went under
another name. Branches of a `case` are looked at one by one; of loops and `if` the text is followed as it stands.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HEAD = re.compile(r"\s{0,4}(\w+)\(\) \{")
_ONE_LINE = re.compile(r"\}\s*(;;)?$")
_FAILING = re.compile(r"dsas__(?:not_one|unknown|fail|usage)\b")
"""Functions that never succeed: their callers return then."""

State = dict[str, set[str]]


@dataclass(frozen=True)
class Loss:
    """`name` is read in `function` while its letter holds a value that was written under one of `others`."""

    function: str
    name: str
    others: frozenset[str]


def losses(text: str, table: Mapping[str, str], prefix: str = "") -> list[Loss]:
    """All losses in a text; `table` has the names of each letter, `prefix` stands before each of them."""
    letters = {name: letter for letter, names in table.items() for name in names.split()}
    bodies = _functions(text)
    events = {function: list(_events(body, letters, prefix, bodies)) for function, body in bodies.items()}
    effects = _effects(events, letters)
    return [loss for function in events for loss in _losses(function, events[function], effects, letters)]


def _functions(text: str) -> dict[str, str]:
    """The body of each function, and under "" what stands outside of all."""
    bodies = {"": ""}
    function = ""
    for line in text.splitlines():
        code = "" if line.lstrip().startswith("#") else re.sub(r"\s# .*$", "", line)
        head = None if function else _HEAD.match(code)
        if head is not None:
            bodies[head[1]] = bodies.get(head[1], "") + code[head.end() :] + "\n"
            function = "" if _ONE_LINE.search(code) else head[1]
        elif function and code.startswith("}"):
            function = ""
        else:
            bodies[function] += code + "\n"
    return bodies


def _events(
    body: str, letters: Mapping[str, str], prefix: str, functions: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What happens in a body: `set NAME`, `read NAME`, `call FUNCTION`, `case`, `next` and `esac` of a case."""
    names = "|".join(sorted(letters, key=len, reverse=True))
    calls = "|".join(function for function in functions if function) or "$."
    event = re.compile(
        rf"(?P<set>(?<![\w$\\{{])(?:for |read -r )?{prefix}(?P<written>{names})(?:=| do\b| in ))"
        rf"|\\?\$\{{?#?{prefix}(?P<read>{names})(?![A-Za-z_])"
        rf"|(?P<call>(?<![\w$.-])(?:{calls})(?![\w=(]))"
        r"|(?P<word>\b(?:case|esac)\b|;;)|(?P<end>\n|;|&&|\|\||\|)|(?P<blank>[ \t])"
    )
    waiting: list[str] = []
    written = ""  # what is in its word is read before
    for match in event.finditer(body):
        if written and (match["blank"] or match["end"] or match["word"]):
            yield "set", written
            written = ""
        if match["written"]:
            written = match["written"]
        elif match["read"]:
            yield "read", match["read"]
        elif match["call"]:
            waiting.append(match["call"])  # its words are read before it is called
            if _FAILING.match(match["call"]):
                waiting.clear()
        elif not match["blank"]:
            returns = re.match(r"\s*\\?(?:return|exit)\b", body[match.end() :]) and match["end"] in (";", "||")
            if not (returns and match["end"] == ";"):
                yield from (("call", function) for function in waiting)
            waiting.clear()
            if match["word"]:
                yield {"case": "case", "esac": "esac", ";;": "next"}[match["word"]], ""


def _effects(events: Mapping[str, list[tuple[str, str]]], letters: Mapping[str, str]) -> dict[str, State]:
    """What each function may write, those that it calls among it: names by letter."""
    effects: dict[str, State] = {function: {} for function in events}
    grew = True
    while grew:
        grew = False
        for function, happened in events.items():
            for kind, name in happened:
                written = {letters[name]: {name}} if kind == "set" else effects[name] if kind == "call" else {}
                for letter, names in list(written.items()):
                    known = effects[function].setdefault(letter, set())
                    grew = grew or not names <= known
                    known |= names
    return effects


def _losses(
    function: str, happened: list[tuple[str, str]], effects: Mapping[str, State], letters: Mapping[str, str]
) -> Iterator[Loss]:
    state: State = {}
    cases: list[tuple[State, State]] = []
    for kind, name in happened:
        if kind == "set":
            state[letters[name]] = {name}
        elif kind == "call":
            state |= {letter: set(names) for letter, names in effects[name].items()}
        elif kind == "read":
            written = state.get(letters[name])
            if written is not None and name not in written:
                yield Loss(function, name, frozenset(written))
        elif kind == "case":
            cases.append((dict(state), {}))
        elif cases:
            before, after = cases[-1]
            for letter, names in state.items():
                after[letter] = after.get(letter, set()) | names
            state = dict(before)
            if kind == "esac":
                cases.pop()
                for letter, names in after.items():
                    state[letter] = state.get(letter, set()) | names
