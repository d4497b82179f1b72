"""Pages of the credit room: one's own credit, the officers' desk, ratings, the public list."""

from app.assessment.credit.views import doubts, mine, public, ratings, records, repairs
from app.assessment.credit.views.blueprint import bp

__all__ = ["bp", "doubts", "mine", "public", "ratings", "records", "repairs"]
