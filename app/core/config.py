"""Settings of the running application."""

from typing import cast

from flask import current_app

from app.core.signing import KeyStore, open_store
from app.settings import Settings


def settings() -> Settings:
    """Return the settings the running application was made with."""
    return cast("Settings", current_app.extensions["settings"])


def key_store() -> KeyStore:
    """Return the store of signing keys that KEY_STORE names; raises KeyStoreError where it cannot be read."""
    given = settings()
    return open_store(given.key_store, pin=given.key_pin.get_secret_value() if given.key_pin else None)
