"""Mechanisms without a domain word: database, events, jobs, access, time, crypto."""
