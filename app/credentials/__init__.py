"""Certificates: prepare, lint, approve, store, sign, render, verify, revoke."""
