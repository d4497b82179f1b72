"""The main journey over HTTP, as each role in turn."""
