"""Targets of Prometheus."""
