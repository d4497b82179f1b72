"""Pure rules of training: the syllabus, rosters, reading time, quizzes, lesson text."""
