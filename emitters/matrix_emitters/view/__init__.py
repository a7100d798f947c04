"""What an emitter is given: the Fleet as tables, and what the site chose about its files."""

from .options import BindingOptions, FileOptions
from .view import FORMAT, GroupTable, RoleTable, View

__all__ = ["FORMAT", "BindingOptions", "FileOptions", "GroupTable", "RoleTable", "View"]
