"""Paths: a home that may not exist, and where things lie beside a MATRIX and on a host."""

from .homes import at_home
from .layout import HOST_HOME, SETTINGS_FILE, host_root, installed_name

__all__ = ["HOST_HOME", "SETTINGS_FILE", "at_home", "host_root", "installed_name"]
