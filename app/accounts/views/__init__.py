"""Pages of the accounts room."""

from app.accounts.views import current, invitation, me, members, organisations, people, sign_in
from app.accounts.views.blueprint import bp

__all__ = ["bp", "current", "invitation", "me", "members", "organisations", "people", "sign_in"]
