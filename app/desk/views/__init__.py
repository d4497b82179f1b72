"""Pages of the desk: home, inbox, search, notices, access log."""

from app.desk.views import home, looks, notices, search
from app.desk.views.blueprint import bp
from app.desk.views.home import unread_notices, waiting_counts

__all__ = ["bp", "home", "looks", "notices", "search", "unread_notices", "waiting_counts"]
