"""The properties that matrix.toml has to allow, known without loading the reflectors."""

from matrix_emitters.judged import JUDGED

from .properties import with_what_is_not_allowed

__all__ = ["JUDGED", "with_what_is_not_allowed"]
