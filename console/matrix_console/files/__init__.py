"""Files that a verb reads and writes beside the MATRIX."""
