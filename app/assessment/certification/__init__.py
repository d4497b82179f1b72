"""Award of levels, unified numbers, the register of technology managers."""
