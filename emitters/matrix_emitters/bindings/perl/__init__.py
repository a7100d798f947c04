"""The perl binding: `/etc/dsas.pl`."""
