"""Pages of the item bank."""

from app.items.views import banks, imports, items, reviews, writing
from app.items.views.blueprint import bp

__all__ = ["banks", "bp", "imports", "items", "reviews", "writing"]
