"""Pure functions of exams: parameters and facts in, verdicts out."""
