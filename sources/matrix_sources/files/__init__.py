"""Readers of plain files: hosts, genders, csv, ssh_config."""
