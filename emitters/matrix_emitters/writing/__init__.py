"""Writing text for other programs: quoting by type, templates that refuse what is not quoted, plug-ins."""

from .quoting import Language, Name, Quoted
from .templating import environment, render

__all__ = [
    "Language",
    "Name",
    "Quoted",
    "environment",
    "render",
]
