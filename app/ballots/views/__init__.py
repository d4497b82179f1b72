"""Pages of the ballots room."""

from app.ballots.views import bulletins, conduct, keys, pages, presence, votes
from app.ballots.views.pages import bp

__all__ = ["bp", "bulletins", "conduct", "keys", "pages", "presence", "votes"]
