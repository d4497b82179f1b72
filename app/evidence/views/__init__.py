"""Pages of the evidence room."""

from app.evidence.views import audits, checking, counterparty, entering, institution, record, withdrawing
from app.evidence.views.blueprint import bp

__all__ = ["audits", "bp", "checking", "counterparty", "entering", "institution", "record", "withdrawing"]
