"""Writes of the exams room: papers, sessions, sittings, marking and release."""
