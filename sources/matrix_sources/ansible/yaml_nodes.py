"""The nodes of a YAML text, by libyaml where PyYAML has it, which takes a tenth of the time.

PyYAML composes nodes of libyaml's events by calls within calls in C, which a text of 200,000 brackets ends with the
process. So the events are put together here, within a bound. Whatever is odd about a text PyYAML's own parser judges.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_DEEPEST: Final = 100
_COMPLEX_KEY: Final = re.compile(r"^[ -]*\?\s", re.MULTILINE)
"""Where libyaml says otherwise in which line a value is that is not there."""

_TAGS: Final = {yaml.SequenceStartEvent: "tag:yaml.org,2002:seq", yaml.MappingStartEvent: "tag:yaml.org,2002:map"}
_NODES: Final = {yaml.SequenceStartEvent: yaml.SequenceNode, yaml.MappingStartEvent: yaml.MappingNode}


class _OddError(Exception):
    """A text that is not composed here."""


def root_of(text: str) -> yaml.Node | None:
    """The root of the only document of a text, None of an empty one. Raises yaml.YAMLError and RecursionError."""
    if yaml.__with_libyaml__ and not _COMPLEX_KEY.search(text):
        try:
            return _composed(text)
        except (_OddError, yaml.YAMLError, UnicodeError):
            pass
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _composed(text: str) -> yaml.Node | None:
    """The root, of libyaml's events; aliases are the very nodes that they name."""
    loader: Any = yaml.CSafeLoader(text)
    event = loader.get_event
    resolve = loader.resolve
    anchors: dict[str, yaml.Node] = {}
    root: yaml.Node | None = None
    above: list[tuple[Any, yaml.Node | None]] = []  # what each collection around this one has so far, and a key
    held: Any = None
    key: yaml.Node | None = None
    documents = 0
    while True:
        found = event()
        kind = type(found)
        if kind is yaml.ScalarEvent:
            tag = found.tag
            if tag is None or tag == "!":
                tag = resolve(yaml.ScalarNode, found.value, found.implicit)
            node: yaml.Node = yaml.ScalarNode(tag, found.value, found.start_mark, found.end_mark, found.style)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            held, key = above.pop()
            continue
        elif kind in _NODES:
            tag = found.tag if found.tag is not None and found.tag != "!" else _TAGS[kind]
            node = _NODES[kind](tag, [], found.start_mark, None, found.flow_style)
        elif kind is yaml.AliasEvent:
            if found.anchor not in anchors:
                raise _OddError
            node = anchors[found.anchor]
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise _OddError
            continue
        elif kind is yaml.StreamEndEvent:
            return root
        else:
            continue
        if kind is not yaml.AliasEvent and found.anchor is not None:
            if found.anchor in anchors:
                raise _OddError
            anchors[found.anchor] = node
        if held is None:
            root = node
        elif type(held) is yaml.SequenceNode:
            held.value.append(node)
        elif key is None:
            key = node
        else:
            held.value.append((key, node))
            key = None
        if kind in _NODES:
            if len(above) == _DEEPEST:
                raise _OddError
            above.append((held, key))
            held, key = node, None
