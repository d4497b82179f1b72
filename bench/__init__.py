"""Benchmarks with their peers or bare limits, run on demand, never inside the tests."""
