"""Blueprint, papers, sessions, delivery, marking, release."""
