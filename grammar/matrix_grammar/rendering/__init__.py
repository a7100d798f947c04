"""Diagnostics as text: in full for people, in one line, as JSON, and as annotations of GitHub."""

from .rendering import FORMATS, render

__all__ = ["FORMATS", "render"]
