"""Commands that belong to no single room, and the demo."""
