"""The application for a web server, for its commands and for the job runner."""

from importlib import import_module

from flask import Flask

from app import create_app
from app.core import pinyin

OF_REQUESTS = ("app.credentials.paper.badge", "openpyxl", "pyld.jsonld", "zxcvbn.frequency_lists")
"""What pages answer with and the application itself loads late (`app.core.lazily`)."""

app = create_app()


def served() -> Flask:
    """Return the application of a web worker: what its requests need is loaded before the first one comes."""
    for name in OF_REQUESTS:
        import_module(name)
    pinyin.tables()
    return app
