"""The sh binding: `/etc/dsas.conf` with the lists, `/etc/dsas.d/dsas.sh` with records and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .emitting import Emitter
from .sh_names import mistakes
from .view import View

if TYPE_CHECKING:
    from matrix_grammar import Diagnostic

    from .artifact import Artifact


class ShEmitter(Emitter):
    """The binding for POSIX shells."""

    def check(self, view: View) -> tuple[Diagnostic, ...]:
        """Variables that would clobber the shell or one another."""
        return mistakes(view)

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """`dsas.conf` and `dsas.sh`. Raises EmitterError for what `check` finds."""
        from .sh_texts import texts  # who only checks does not wait for what makes them

        return tuple(view.options.artifact(path, text) for path, text in texts(view).items())
