"""The process: command line, sockets, signals, systemd, and snapshots kept up to date."""
