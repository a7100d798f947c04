"""haproxy.cfg: frontends and backends for VIPs."""
