"""A job runner that does what is due until nothing is: `python -m bench.runner [without-paper]`.

It imports nothing but the application, so that what it holds in memory is what the product's runner holds.
"""

import sys

from app import create_app
from app.core import jobs
from app.core.db import db, session
from app.credentials import paper

WITHOUT_PAPER = "without-paper"


def main() -> None:
    """Work in the application that the environment describes."""
    if WITHOUT_PAPER in sys.argv:
        paper.available = lambda: False
    app = create_app()
    with app.app_context():
        while jobs.work():
            pass
        session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    main()
