"""The json binding: `/etc/dsas.json`."""
