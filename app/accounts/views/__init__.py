"""Pages of the accounts room."""

from app.accounts.views import (
    claims,
    current,
    decisions,
    invitation,
    me,
    members,
    organisations,
    people,
    rights,
    sign_in,
)
from app.accounts.views.blueprint import bp

__all__ = [
    "bp",
    "claims",
    "current",
    "decisions",
    "invitation",
    "me",
    "members",
    "organisations",
    "people",
    "rights",
    "sign_in",
]
