"""ssh_config(5): parsed, looked up for a host, turned into the route to it."""
