"""What an issuer looks at is on record for the people who are shown."""

from collections.abc import Iterable

from app.core.access import acting
from app.core.access_log import Purpose, looked_up
from app.core.events import Subject

ISSUED = Subject("certificate_list", "issued")
WAITING = Subject("certificate_list", "waiting")


def shown(person_ids: Iterable[int | None], record: Subject) -> None:
    """Note whom a page or file of an issuer names; certificates of bodies name nobody."""
    people = (one for one in person_ids if one is not None)
    looked_up(people, by=acting(), purpose=Purpose.CERTIFICATION, record=record)
