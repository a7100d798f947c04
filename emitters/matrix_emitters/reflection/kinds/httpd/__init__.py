"""Virtual hosts and balancers of Apache httpd."""
