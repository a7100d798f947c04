"""A binding of one file: one template around the two texts of `records`, with the quoting of its language."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import ClassVar

from matrix_emitters.artifacts.artifact import Artifact
from matrix_emitters.view.view import View
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.templating import render

from .emitter import Emitter
from .host_records import records


class RecordBinding(Emitter):
    """Makes one file of a language. A subclass gives the three values; its templates lie in `templates/` beside it."""

    language: ClassVar[Language]
    """The name of the language, and how it spells text."""

    path: ClassVar[str]
    """Where the file lies on a host; a site can move it."""

    template: ClassVar[str]
    """The template, in the folder `templates` of the package that the class is in."""

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """The file."""
        module = type(self).__module__
        package = sys.modules[module].__package__ or module
        rendered = render(self.language, self.template, self.context(view), package)
        return (view.options.artifact(self.path, rendered),)

    def context(self, view: View) -> Mapping[str, object]:
        """What the template may print: numbers, and texts for its filter `quote`."""
        texts = records(view)
        return {
            "format": view.format,
            "generation": view.generation,
            "digest": view.digest,
            "head": texts.head,
            "hosts": texts.hosts,
        }
