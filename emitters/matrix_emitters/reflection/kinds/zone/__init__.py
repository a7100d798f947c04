"""Zone files for DNS."""
