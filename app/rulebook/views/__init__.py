"""Pages of the rulebook: packs, the catalogue of facts, lineage, differences, replays, the builder and the calendar."""

from app.rulebook.views import builder, holidays, lineage, packs, replays, starting
from app.rulebook.views.blueprint import bp

__all__ = ["bp", "builder", "holidays", "lineage", "packs", "replays", "starting"]
