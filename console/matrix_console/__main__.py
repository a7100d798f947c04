"""`python -m matrix_console` is `matrix`."""

from .main import main

main()
