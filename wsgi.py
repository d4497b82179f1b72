"""The application for a web server, for its commands and for the job runner."""

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

OF_REQUESTS = ("app.credentials.paper.badge", "openpyxl", "pyld.jsonld", "zxcvbn.frequency_lists")
"""What pages answer with and the application itself loads late (`app.core.lazily`)."""


def _made() -> "Flask":
    """Make the application without looking for garbage, which is near a third of the time of a start.

    What it is made of stays for as long as the process does, so no later look has to pass through it.
    """
    gc.disable()
    made: Flask = import_module("app").create_app()
    _keep()
    gc.enable()
    return made


def _keep() -> None:
    gc.collect()
    gc.freeze()


app = _made()


def served() -> "Flask":
    """Return the application of a web worker: what its requests need is loaded before the first one comes."""
    for name in OF_REQUESTS:
        import_module(name)
    import_module("app.core.pinyin").tables()
    sys.setswitchinterval(import_module("app.core.db").SHARE_SECONDS)
    _keep()
    return app
