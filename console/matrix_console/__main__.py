"""`python -m matrix_console` is `matrix`."""

from .entry import matrix

matrix()
