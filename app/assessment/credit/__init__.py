"""Credit evaluation of technology managers: records, ratings, dishonesty, sanctions and repair."""
