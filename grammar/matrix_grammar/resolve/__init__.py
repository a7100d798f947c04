"""All statements to one Fleet: hosts merged, roles, groups and references resolved, names checked."""
