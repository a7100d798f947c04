"""What each statement says where it stands: site, header, ranges, tags and properties resolved."""

from .declarations import PROPERTY_NAME
from .host_lines import HOST_NAME, LOCATION_NAME, LONGEST_NAME, MOST_HOSTS
from .tags import ROLE_NAME

__all__ = [
    "HOST_NAME",
    "LOCATION_NAME",
    "LONGEST_NAME",
    "MOST_HOSTS",
    "PROPERTY_NAME",
    "ROLE_NAME",
]
