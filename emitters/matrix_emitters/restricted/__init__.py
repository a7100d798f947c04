"""The properties that matrix.toml has to allow, known without loading the reflectors."""

from .properties import JUDGED, with_what_is_not_allowed

__all__ = ["JUDGED", "with_what_is_not_allowed"]
