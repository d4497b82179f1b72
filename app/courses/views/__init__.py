"""Pages of the courses room."""

from app.courses.views import cohorts, correcting, learning, lessons, quizzes, rosters
from app.courses.views.blueprint import bp

__all__ = ["bp", "cohorts", "correcting", "learning", "lessons", "quizzes", "rosters"]
