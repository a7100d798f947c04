"""What runs on hosts, and the requests that are sent to it."""
