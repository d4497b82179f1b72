"""Records for tests, made through the services that the product uses."""
