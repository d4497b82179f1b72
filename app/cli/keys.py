"""`keys rotate`: bring personal fields under the first of FIELD_KEYS and INDEX_KEYS."""

from flask.cli import AppGroup

from app.accounts import services
from app.cli.answers import answer, refusals, with_json
from app.core.db import unit_of_work
from app.core.text import _

group = AppGroup("keys", help="Keys of personal fields.")
CHUNK = 500


@group.command("rotate")
@with_json
def rotate(*, as_json: bool) -> None:
    """Wrap every person's key anew and renew the blind indexes, some hundred people a transaction.

    Put the new keys first in FIELD_KEYS and INDEX_KEYS, restart, run this, then drop the old keys.
    """
    done = 0
    last: int | None = 0
    while last is not None:
        with refusals(), unit_of_work():
            last, count = services.rotate_keys(last, CHUNK)
        done += count
    answer({"people": done}, _("%(count)s people are under the first keys.", count=done), as_json=as_json)
