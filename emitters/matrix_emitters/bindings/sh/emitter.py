"""The sh binding: `/etc/dsas.conf` with the lists, `/etc/dsas.d/dsas.sh` with records and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matrix_emitters.bindings.emitter import Emitter
from matrix_emitters.view.view import View

from .names import mistakes

if TYPE_CHECKING:
    from matrix_emitters.artifacts.artifact import Artifact
    from matrix_grammar.diagnostics import Diagnostic


class ShEmitter(Emitter):
    """The binding for POSIX shells."""

    def check(self, view: View) -> tuple[Diagnostic, ...]:
        """Variables that would clobber the shell or one another."""
        return mistakes(view)

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """`dsas.conf` and `dsas.sh`. Raises EmitterError for what `check` finds."""
        from .texts import texts  # who only checks does not wait for what makes them

        return tuple(view.options.artifact(path, text) for path, text in texts(view).items())
