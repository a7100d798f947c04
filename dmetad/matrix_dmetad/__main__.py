"""`python -m matrix_dmetad` is the command `dmetad`."""

from matrix_dmetad import main

main()
