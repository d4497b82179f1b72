"""Pages of the case room."""

from app.cases.views import board, declarations, dossiers, handling, mine, records, restrictions, visitors
from app.cases.views.blueprint import bp

__all__ = ["board", "bp", "declarations", "dossiers", "handling", "mine", "records", "restrictions", "visitors"]
