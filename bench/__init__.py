"""Benchmarks, run on demand beside a peer or the bare limit; never inside the tests."""
