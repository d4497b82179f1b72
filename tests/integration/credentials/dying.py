"""Job runners that die at named points, one after another, until a batch is issued: `python -m ... JSON`.

One process prepares the application and forks a runner for each point, so that each dies by a signal of its own and the
next begins with nothing but what the dead one left in the database.
"""

import json
import os
import sys

from app import create_app
from app.core import jobs
from app.core.db import db
from app.credentials import paper
from app.credentials.services import linting, log, notifying, publishing, rendering, signing, storing
from app.settings import Settings

ROWS = 3
"""A chunk of few rows, so that a small batch has several."""


def main() -> None:
    """Fork a runner for each point and write how each ended: the number of its signal, or 0; no paper is drawn."""
    task = json.loads(sys.argv[1])
    for module in (linting, log, notifying, publishing, signing, storing):
        vars(module)["CHUNK"] = ROWS
    rendering.WITHOUT_PAPER = ROWS
    paper.available = lambda: False
    app = create_app(Settings(_env_file=None, **task["settings"]))
    settings = app.extensions["settings"]
    ends = {}
    for point in task["points"]:
        child = os.fork()
        if not child:
            app.extensions["settings"] = settings.model_copy(update={"failpoint": point})
            with app.app_context():
                while jobs.work():
                    pass
                db.session.remove()
                db.engine.dispose()
            os._exit(0)
        ends[point] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
