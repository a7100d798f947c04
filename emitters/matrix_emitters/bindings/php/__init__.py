"""The php binding: `/etc/dsas.php`."""
