"""What each statement says where it stands: site, header, ranges, tags and properties resolved."""

from .host_lines import HOST_NAME, LOCATION_NAME, LONGEST_NAME, MOST_HOSTS, MOST_WORDS
from .properties import MOST_EXPANDED
from .tags import ROLE_NAME

__all__ = [
    "HOST_NAME",
    "LOCATION_NAME",
    "LONGEST_NAME",
    "MOST_EXPANDED",
    "MOST_HOSTS",
    "MOST_WORDS",
    "ROLE_NAME",
]
