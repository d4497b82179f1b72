"""Reads of the panels room."""
