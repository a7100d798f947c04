"""The configurations that are built in: one folder for each, with everything about it."""
