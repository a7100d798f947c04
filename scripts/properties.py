#!/usr/bin/env python3
"""Write grammar's table of built-in properties from the files that declare them; a test sees that it has been done.

usage: python scripts/properties.py [--check]     (--check: write nothing, end with 1 when the table is not current)

The table is a module of Python, since `matrix check` has no time to read nine files. A new property comes last, as the
digest of a Fleet counts properties in their order.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / package) for package in ("common", "grammar")]

from matrix_grammar.model.declared import PropertyType, ValueForm  # noqa: E402
from matrix_grammar.model.property_file import PropertyFile, PropertyFileError, read_property_file  # noqa: E402

MODEL = ROOT / "grammar/matrix_grammar/model"
KINDS = ROOT / "emitters/matrix_emitters/reflection/kinds"
TABLE = MODEL / "built_in_properties.py"

HEAD = '''"""The built-in properties. Made by scripts/properties.py from properties.toml of this folder and of each kind
of configuration in emitters/matrix_emitters/reflection/kinds. Edit those, then run scripts/golden.sh.
"""

from __future__ import annotations

from typing import Final

from .declared import PropertyType, ValueForm

'''


def files() -> dict[str, PropertyFile]:
    """What is declared, by the kind that declares it; the language's own by an empty name."""
    made = {}
    for path in [MODEL / "properties.toml", *sorted(KINDS.glob("*/properties.toml"))]:
        try:
            made["" if path.parent == MODEL else path.parent.name] = read_property_file(path.read_bytes())
        except PropertyFileError as error:
            sys.exit(f"{path}: {error}{f': {error.cure}' if error.cure else ''}")
    return made


def in_order(types: dict[str, PropertyType]) -> list[PropertyType]:
    """The properties as they stand in the table now, then new ones."""
    present = re.findall(r"""^    PropertyType\(\s*['"]([^'"]+)""", TABLE.read_text("utf-8"), re.MULTILINE)
    return [types[name] for name in dict.fromkeys([*(name for name in present if name in types), *types])]


def spelled(value: PropertyType | ValueForm) -> str:
    """A value as it is made in Python, without what is its default."""
    kind, name = type(value), "name"
    fields = kind._fields if isinstance(value, ValueForm) else tuple(kind.__dataclass_fields__)
    plain = ValueForm() if isinstance(value, ValueForm) else PropertyType("")
    words = [repr(getattr(value, name))] if getattr(value, name) else []
    words += [f"{key}={getattr(value, key)!r}" for key in fields[1:] if getattr(value, key) != getattr(plain, key)]
    return f"{kind.__name__}({', '.join(words)})"


def table() -> str:
    """The module."""
    declared = files()
    types: dict[str, PropertyType] = {}
    for kind, file in declared.items():
        if again := sorted(types.keys() & file.types):
            sys.exit(f"{kind}: {', '.join(again)} is declared in another file too")
        types |= file.types
    ordered = in_order(types)
    forms = {name: form for file in declared.values() for name, form in file.forms.items()}

    def names(what: str) -> str:
        chosen = {name for file in declared.values() for name in getattr(file, what)}
        return f"({', '.join([repr(kind.name) for kind in ordered if kind.name in chosen])},)"

    lines = ["PROPERTIES: Final = (", *(f"    {spelled(kind)}," for kind in ordered), ")", ""]
    lines += ["FORMS: Final = {"]
    lines += [f"    {kind.name!r}: {spelled(forms[kind.name])}," for kind in ordered if kind.name in forms]
    lines += ["}", "", f"EACH_VIP: Final = {names('each_vip')}", f"REPEATABLE: Final = {names('repeatable')}", ""]
    lines += ["RESTRICTED: Final = {"]
    lines += [f"    {kind!r}: {dict(file.restricted)!r}," for kind, file in declared.items() if file.restricted]
    return HEAD + "\n".join([*lines, "}", ""])


def meaning(module: str) -> str:
    """What a module says, however it is laid out: `ruff format` does that."""
    return ast.dump(ast.parse(module))


made = table()
if "--check" in sys.argv[1:]:
    sys.exit(meaning(made) != meaning(TABLE.read_text("utf-8")))
TABLE.write_text(made, "utf-8")
