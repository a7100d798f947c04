"""What runs on a host: one POSIX shell script, carried along with every generation."""

from functools import cache
from importlib.resources import files


@cache
def install_script() -> bytes:
    """The text of install.sh, which puts a generation in place and answers for it."""
    return files(__name__).joinpath("install.sh").read_bytes()
