"""Readers of Ansible's inventories, INI and YAML."""
