"""What `matrix scan` is made of: the keys that hosts show, told, and taken over into known_hosts."""
