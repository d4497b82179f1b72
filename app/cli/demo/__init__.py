"""The demo: ordered steps, each of which finds what it made before."""
