"""What a service needs of the machine that runs it: systemd, and figures for Prometheus."""

from .prometheus import CONTENT_TYPE, Family, Sample, exposition, histogram
from .systemd import Notifier, passed_sockets

__all__ = ["CONTENT_TYPE", "Family", "Notifier", "Sample", "exposition", "histogram", "passed_sockets"]
