"""Answers to selectors that are kept between two commands."""
