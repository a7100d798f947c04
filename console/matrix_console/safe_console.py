"""A rich console that lets nothing raw reach a terminal, whatever is given to it to print."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from matrix_common.terminal import safe_lines


class SafeConsole(Console):
    """Every piece of text is made safe before colours and cursor movement are added to it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of a renderable, their texts safe."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else safe_lines(text), style, control)
