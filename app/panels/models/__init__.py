"""Tables of the panels room: pools, draws, scoring, meetings."""
