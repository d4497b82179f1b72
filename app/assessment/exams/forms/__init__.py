"""Forms of the exams room, and what the sitting page sends."""
