"""Names of records: how the documents that rooms let people find call them, within what somebody may see."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select

from app.core.access import Actor
from app.core.db import session
from app.core.events import Subject
from app.core.text import pick
from app.desk.models import SearchDocument
from app.desk.queries.documents import document_kinds
from app.desk.rules.realms import ranges_of


class Named(NamedTuple):
    """What a record is called and where it is shown."""

    title: str
    url: str


def names_of_records(actor: Actor, subjects: Iterable[Subject]) -> dict[Subject, Named]:
    """Return the names of those records that the actor may see; people are left out, to name them is a look.

    One statement, and one more for each kind whose rows the scope of a room decides.
    """
    wanted = set(subjects)
    kinds = document_kinds()
    ranges = [one for one in ranges_of(actor, kinds) if not kinds[one.kind].person]
    query = select(SearchDocument).where(SearchDocument.subject_code.in_({one.code for one in wanted}))
    found = [
        one
        for one in (session.scalars(query) if wanted else ())
        if Subject(one.subject_type, one.subject_code) in wanted
        and any(
            area.kind == one.kind and area.realm == place and area.low <= key <= area.high
            for place, key in one.scopes
            for area in ranges
        )
    ]
    for name, kind in kinds.items():
        codes = [one.subject_code for one in found if one.kind == name]
        if kind.among is not None and codes:
            seen = kind.among(actor, codes)
            found = [one for one in found if one.kind != name or one.subject_code in seen]
    return {
        Subject(one.subject_type, one.subject_code): Named(pick(one.title_zh, one.title_en), one.url) for one in found
    }
