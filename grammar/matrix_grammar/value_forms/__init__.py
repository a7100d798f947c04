"""What the values of properties look like beyond their types."""

from .value_forms import CHECK_FORM, CHECK_FORMS, INTERFACE, STATUS_FORM, VARIABLE, form_check, pattern_of, words_of

__all__ = [
    "CHECK_FORM",
    "CHECK_FORMS",
    "INTERFACE",
    "STATUS_FORM",
    "VARIABLE",
    "form_check",
    "pattern_of",
    "words_of",
]
