"""Pages of the panels room."""

from app.panels.views import committees, draws, own, pools
from app.panels.views.blueprint import bp

__all__ = ["bp", "committees", "draws", "own", "pools"]
