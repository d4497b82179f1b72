"""Pure rules of items: what an item is, how files say it, how it is marked, what is alike."""
