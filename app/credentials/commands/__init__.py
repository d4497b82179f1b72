"""Commands of the credentials room: `flask credentials …`, one file a theme."""

from app.credentials.commands import export, keys, records, trust, verify
from app.credentials.commands.group import group

__all__ = ["export", "group", "keys", "records", "trust", "verify"]
