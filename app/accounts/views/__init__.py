"""Pages of the accounts room."""

from app.accounts.views import (
    audit,
    confirm,
    current,
    invitation,
    me,
    orders,
    passkeys,
    people,
    reset,
    security,
    sign_in,
    system,
)
from app.accounts.views.blueprint import bp

__all__ = [
    "audit",
    "bp",
    "confirm",
    "current",
    "invitation",
    "me",
    "orders",
    "passkeys",
    "people",
    "reset",
    "security",
    "sign_in",
    "system",
]
