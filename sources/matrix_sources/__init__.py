"""Other people's files to a draft of a MATRIX: pure, from text to text and a list of what could not be carried over."""
