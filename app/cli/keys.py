"""`keys rotate`: bring personal fields under the first of FIELD_KEYS and INDEX_KEYS."""

from collections.abc import Callable
from functools import partial

from flask.cli import AppGroup

from app.accounts import services
from app.cases.services.keys import RENEWALS
from app.core import rotation
from app.core.commands import answer, refusals, with_json
from app.core.db import unit_of_work
from app.core.text import _

group = AppGroup("keys", help="Keys of personal fields.")
CHUNK = 500


@group.command("rotate")
@with_json
def rotate(*, as_json: bool) -> None:
    """Wrap every key anew and renew the blind indexes of people, authors and names, some hundred a transaction.

    Put the new keys first in FIELD_KEYS and INDEX_KEYS, restart, run this, then drop the old keys.
    """
    people = _in_chunks(services.rotate_keys)
    others = [column for column in rotation.wrapped_columns() if column.table.name != "person"]
    keys = sum(_in_chunks(partial(rotation.rewrap, column)) for column in others)
    for renew in RENEWALS:
        _in_chunks(renew)
    said = _("%(people)s people and %(keys)s other keys are under the first keys.", people=people, keys=keys)
    answer({"people": people, "keys": keys}, said, as_json=as_json)


def _in_chunks(act: Callable[[int, int], tuple[int | None, int]]) -> int:
    done = 0
    last: int | None = 0
    while last is not None:
        with refusals(), unit_of_work():
            last, count = act(last, CHUNK)
        done += count
    return done
