"""Psychometrics in numpy and scipy: what answers say of items, papers and persons; sources: docs/psychometrics.md."""
