"""Addresses as text."""

from .endpoint import bracketed, endpoint

__all__ = ["bracketed", "endpoint"]
