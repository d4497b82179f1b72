"""What the API gives to the house."""

from flask import Flask

from app.api import evidence, health, verify, views
from app.core.room import Room


def start(app: Flask) -> None:
    """Let programs post without the token of a page: the API reads no cookie and changes nothing."""
    app.extensions["csrf"].exempt(verify.bp)


room = Room(name="api", blueprints=(views.bp, verify.bp, evidence.bp, health.bp), start=start)
