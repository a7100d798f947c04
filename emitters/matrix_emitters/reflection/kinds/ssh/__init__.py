"""ssh_config and known_hosts for OpenSSH's client."""
