"""From a path and a snapshot to the answer, in every form."""
