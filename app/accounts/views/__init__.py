"""Pages of the accounts room."""

from app.accounts.views import (
    audit,
    claims,
    confirm,
    current,
    decisions,
    invitation,
    me,
    members,
    orders,
    organisations,
    passkeys,
    people,
    reset,
    rights,
    security,
    sign_in,
    system,
)
from app.accounts.views.blueprint import bp

__all__ = [
    "audit",
    "bp",
    "claims",
    "confirm",
    "current",
    "decisions",
    "invitation",
    "me",
    "members",
    "orders",
    "organisations",
    "passkeys",
    "people",
    "reset",
    "rights",
    "security",
    "sign_in",
    "system",
]
