"""The properties that matrix.toml has to allow, known without loading the reflectors."""

from .properties import restricted_of, with_what_is_not_allowed

__all__ = ["restricted_of", "with_what_is_not_allowed"]
