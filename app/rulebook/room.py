"""What the rulebook room gives to the house."""

from app.core.room import Room

room = Room(name="rulebook")
