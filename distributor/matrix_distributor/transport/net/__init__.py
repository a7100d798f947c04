"""Sockets, timers and names to addresses in one thread."""
