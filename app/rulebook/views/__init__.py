"""Pages of the rulebook: packs, the catalogue of facts, lineage, differences, replays and the builder."""

from app.rulebook.views import builder, lineage, packs, replays
from app.rulebook.views.blueprint import bp

__all__ = ["bp", "builder", "lineage", "packs", "replays"]
