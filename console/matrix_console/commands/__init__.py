"""One module for each verb, each with its click command as `command`."""
