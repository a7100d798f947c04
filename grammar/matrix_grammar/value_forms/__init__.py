"""What the values of built-in properties look like beyond their types."""

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
