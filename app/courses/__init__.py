"""Syllabus, courses, cohorts, enrolment, lessons, class hours."""
