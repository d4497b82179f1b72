"""Assessment of persons."""
