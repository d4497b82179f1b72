"""Writes of the panels room."""
