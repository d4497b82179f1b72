"""Title evaluation: rounds, applications, the vote of a committee, publicity and the register."""
