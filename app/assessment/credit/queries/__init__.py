"""Reads of the credit room: packs in force, records as known at an instant, ratings, cycles, repairs."""
