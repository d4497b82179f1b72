"""What waits for me: to-dos, pushed by the rooms above."""
