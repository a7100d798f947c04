"""Upstreams of nginx."""
