"""The Jinja environment of a language: strict, without I/O, and unable to print what is not quoted.

Jinja is imported when the first template is rendered: whoever only reads manifests does not pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from matrix_emitters.errors import EmitterError

from .quoting import Language

if TYPE_CHECKING:
    from jinja2 import BaseLoader
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MANNERS: Final[Mapping[str, Any]] = MappingProxyType(
    {"autoescape": False, "trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True, "cache_size": -1}
)
"""How every template of ours is read: text as it stands, statements without a line of their own in the output."""


def environment(language: Language, loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    """An environment whose every `{{ … }}` must be quoted for `language`, a `Name` or an `int`.

    Anything else fails the build with an EmitterError, whether or not it would have been harmless. The `quote`
    filter makes a value's literal; there are no other filters and no globals. A line that starts with `%%` is a
    statement, so that templates read like their output.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def only_quoted(value: object) -> object:
        if not language.accepts(value):
            raise EmitterError(f"{language.name} template: unquoted {type(value).__name__}: {value!r:.80}")
        return value

    made = ImmutableSandboxedEnvironment(
        loader=loader, undefined=StrictUndefined, finalize=only_quoted, line_statement_prefix="%%", **MANNERS
    )
    made.filters = {"quote": language.literal}
    made.globals = {}
    return made


@cache
def _of_package(language: Language, package: str) -> ImmutableSandboxedEnvironment:
    from jinja2 import PackageLoader

    return environment(language, PackageLoader(package))


def render(language: Language, template: str, context: Mapping[str, object], package: str) -> str:
    """Render `templates/<template>` of a package. Raises EmitterError on unquoted output, Jinja's errors on bugs."""
    return _of_package(language, package).get_template(template).render(context)
