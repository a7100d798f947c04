"""Settings: declared by a dataclass; given by matrix.toml, over that by the environment."""

from .declaration import Setting, SettingsError, declared, from_environment, given, setting, tables_of

__all__ = [
    "Setting",
    "SettingsError",
    "declared",
    "from_environment",
    "given",
    "setting",
    "tables_of",
]
