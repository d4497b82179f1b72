"""What the API gives to the house."""

from app.api import health, views
from app.core.room import Room

room = Room(name="api", blueprints=(views.bp, health.bp))
