"""Pure rules of the panels room."""
