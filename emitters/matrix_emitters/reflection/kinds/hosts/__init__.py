"""/etc/hosts."""
