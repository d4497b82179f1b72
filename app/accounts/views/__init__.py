"""Pages of the accounts room."""

from app.accounts.views import confirm, current, invitation, me, passkeys, people, reset, security, sign_in
from app.accounts.views.blueprint import bp

__all__ = ["bp", "confirm", "current", "invitation", "me", "passkeys", "people", "reset", "security", "sign_in"]
