"""The texts of a MATRIX as a git revision has them."""
