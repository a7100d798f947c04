"""What is allowed and yet most likely a slip: looked for once all texts are read."""

from .value_forms import (
    CHECK_FORM,
    CHECK_FORMS,
    COOKIE,
    HAPROXY_BALANCE,
    HTTPD_METHODS,
    HTTPD_SCHEMES,
    INTERFACE,
    NGINX_METHOD,
    SCHEDULERS,
    STATUS_FORM,
    VARIABLE,
)

__all__ = [
    "CHECK_FORM",
    "CHECK_FORMS",
    "COOKIE",
    "HAPROXY_BALANCE",
    "HTTPD_METHODS",
    "HTTPD_SCHEMES",
    "INTERFACE",
    "NGINX_METHOD",
    "SCHEDULERS",
    "STATUS_FORM",
    "VARIABLE",
]
