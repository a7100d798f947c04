"""The demonstration: an embedded fleet, and the story told on it with real work."""
