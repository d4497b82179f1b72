"""Pages of the panels room."""

from app.panels.views import cases, committees, draws, meetings, own, planning, pools
from app.panels.views.blueprint import bp

__all__ = ["bp", "cases", "committees", "draws", "meetings", "own", "planning", "pools"]
