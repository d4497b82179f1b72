"""Tests of the engine of certificates."""
