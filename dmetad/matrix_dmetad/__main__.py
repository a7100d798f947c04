"""`python -m matrix_dmetad` is the command `dmetad`."""

from . import main

main()
