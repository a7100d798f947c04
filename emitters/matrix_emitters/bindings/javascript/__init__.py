"""The javascript binding: `/etc/dsas.js`."""
