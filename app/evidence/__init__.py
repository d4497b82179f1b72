"""The evidence ledger: entered once, checked once, used everywhere."""
