"""An outline to the text of a draft: legal names, ranges, layout, read back before it is given away."""

from .writing import Draft

__all__ = [
    "Draft",
]
