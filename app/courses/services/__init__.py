"""Writes of the courses room: courses, cohorts, rosters, enrolments, learning."""

from app.courses.services.certificates import ask_for_certificates
from app.courses.services.cohorts import close_cohort, open_cohort, plan_cohort
from app.courses.services.course_files import load_course
from app.courses.services.enrolments import confirm, renew_invitations, withdraw
from app.courses.services.learning import answer_quiz, collect, note_reading, open_lesson
from app.courses.services.rosters import commit_roster, discard_roster, give_places, read_roster, stage_roster

__all__ = [
    "answer_quiz",
    "ask_for_certificates",
    "close_cohort",
    "collect",
    "commit_roster",
    "confirm",
    "discard_roster",
    "give_places",
    "load_course",
    "note_reading",
    "open_cohort",
    "open_lesson",
    "plan_cohort",
    "read_roster",
    "renew_invitations",
    "stage_roster",
    "withdraw",
]
