"""What one host may take of this machine, whatever it sends. A jump host is a host as well.

README.md tells what follows for memory; `noise.py` counts what says nothing.
"""

from __future__ import annotations

ANSWER = 64 * 1024 * 1024
"""Bytes of output that a Reply may collect, standard error included."""

SMALL_ANSWER = 4 * 1024 * 1024
"""As ANSWER, for what answers with some lines: install.sh and its like."""

UNDECIDED = 64 * 1024
"""Bytes that a host may say before it is known what to send it; those of a login shell's own included. One that says
more is sent nothing."""

PIECE = 64
"""An answer may come in as many messages as its bound has pieces of so many bytes."""

LONGEST_PACKET = 256 * 1024
"""RFC 4253 section 6.1 demands 35,000 bytes; OpenSSH's own bound is 256 KiB."""

LONGEST_OF_KEYS = 16 * 1024
"""Bytes of what a host answers in a key exchange: its numbers are reckoned with, at a cost that grows by the square."""

MOST_EXTENSIONS = 64
"""Things that a host may tell of itself after the keys (RFC 8308), of which one is of use here."""

MOST_UNREAD = LONGEST_PACKET + 1024
"""Bytes that lie here unread before no more are taken from the network: a whole packet always is among them."""

TURN = 32
"""Messages of one host that are dealt with before it is another's turn."""

LONGEST_BANNER = 16 * 1024
"""Bytes of lines before a server's version."""

MOST_WAITING = 8 * 1024 * 1024
"""Bytes of answers that a host may ask for without reading them."""

WINDOW = 2 * 1024 * 1024
"""Bytes of a channel that may be under way to us."""

MOST_UNASKED = 3
"""Times that a program that stands ready may speak without being asked, over one connection."""

MOST_REFUSALS = 20
"""Times that a channel is asked for where the host lets in one session at a time."""

CEILING = 512 * 1024 * 1024
"""Bytes of memory that all of one host's bytes, and what is made of them, may take at the same time."""
