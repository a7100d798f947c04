"""The version of this program, from which the build takes it too."""

from typing import Final

VERSION: Final = "0.1.0"
