"""The ruby binding: `/etc/dsas.rb`."""
