"""A fleet of SSH servers inside one process, for demonstrations and tests."""

from .process import FleetProcess

__all__ = [
    "FleetProcess",
]
