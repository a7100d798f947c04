"""Text on its way to a person: made safe for a terminal, and a program that ends well whatever its streams do."""

from .program import Interrupted, OutputLost, reason_of, run_program, said_of, undisturbed
from .safe_stream import SafeStream, guard_standard_error, styled
from .safe_text import UNSAFE, safe, safe_bytes, safe_json, safe_lines, toml_text

__all__ = [
    "UNSAFE",
    "Interrupted",
    "OutputLost",
    "SafeStream",
    "guard_standard_error",
    "reason_of",
    "run_program",
    "safe",
    "safe_bytes",
    "safe_json",
    "safe_lines",
    "said_of",
    "styled",
    "toml_text",
    "undisturbed",
]
