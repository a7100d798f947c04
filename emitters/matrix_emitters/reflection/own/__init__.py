"""Own templates of a site: Jinja2 in its sandbox, within bounds, without I/O."""
