"""Pages of the courses room."""

from app.courses.views import cohorts, learning, lessons, quizzes, rosters
from app.courses.views.blueprint import bp

__all__ = ["bp", "cohorts", "learning", "lessons", "quizzes", "rosters"]
