"""keepalived.conf as statements, for whoever reads one back. The importer's reader is `keepalived.roles`."""

from .conf import KeepalivedConf, KeepalivedStatement, parse_keepalived

__all__ = [
    "KeepalivedConf",
    "KeepalivedStatement",
    "parse_keepalived",
]
