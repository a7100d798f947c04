"""keepalived.conf: virtual servers and VRRP."""
