"""The SSH client: bytes in, bytes out, no I/O of its own."""
