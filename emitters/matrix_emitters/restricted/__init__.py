"""Values that matrix.toml does not allow: found without loading the reflectors."""

from matrix_emitters.judged import restricted_of

from .properties import with_what_is_not_allowed

__all__ = ["restricted_of", "with_what_is_not_allowed"]
