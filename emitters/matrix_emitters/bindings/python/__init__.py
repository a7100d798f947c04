"""The python binding: `/etc/dsas.py`."""
