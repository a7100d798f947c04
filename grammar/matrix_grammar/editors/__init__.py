"""Syntax colouring for editors, made from the tables of the language."""
