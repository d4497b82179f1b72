"""Settings of the running application."""

from typing import cast

from flask import current_app

from app.settings import Settings


def settings() -> Settings:
    """Return the settings the running application was made with."""
    return cast("Settings", current_app.extensions["settings"])
