"""Writing text for other programs: quoting by type, templates that refuse what is not quoted, plug-ins."""

from .quoting import Language, Name
from .templating import environment

__all__ = [
    "Language",
    "Name",
    "environment",
]
