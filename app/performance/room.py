"""What the performance room gives to the house."""

from app.core.room import Room
from app.performance.commands import decide

room = Room(name="performance", commands=(decide,))
