"""Forms of the panels room."""
