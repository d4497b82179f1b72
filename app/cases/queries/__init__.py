"""Reads of the case room."""
