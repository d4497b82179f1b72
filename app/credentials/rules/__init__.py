"""The engine of certificates: pure functions from facts to signed documents and verdicts."""
