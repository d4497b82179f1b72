"""Rules of the performance room."""
