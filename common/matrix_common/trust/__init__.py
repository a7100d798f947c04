"""Whose files count: what may name a program is believed only where nobody else can have written it.

Reading is never refused; a verb that logs in, runs or signs insists on the verdict first.
"""

from .judging import Judge
from .links import led_astray, resolved, strange_link
from .trusted import SYSTEM, Trusted, trust_file, trusted_here
from .verdict import UntrustedError, Verdict, together

__all__ = [
    "SYSTEM",
    "Judge",
    "Trusted",
    "UntrustedError",
    "Verdict",
    "led_astray",
    "resolved",
    "strange_link",
    "together",
    "trust_file",
    "trusted_here",
]
