"""Rotation of the keys of personal fields."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Person, PersonDocument
from app.accounts.queries import EMAIL, IDENTITY, PHONE
from app.accounts.services.people import open_field, unseal_field
from app.core.crypto import blind_index, rewrap_key
from app.core.db import session


def rotate_keys(after_id: int, count: int) -> tuple[int | None, int]:
    """Bring the next people under the first of FIELD_KEYS and INDEX_KEYS; return the last id done and how many.

    One call is one transaction; the id is None where nobody is left. Look-ups find people under every
    listed key meanwhile, so that an old key may be dropped from the list once this has ended.
    """
    query = select(Person).where(Person.id > after_id, Person.data_key.is_not(None))
    people = list(session.scalars(query.order_by(Person.id).limit(count)))
    further: dict[int, list[PersonDocument]] = {person.id: [] for person in people}
    for row in session.scalars(select(PersonDocument).where(PersonDocument.person_id.in_(further))):
        further[row.person_id].append(row)
    for person in people:
        _renew(person, further[person.id])
    session.flush()
    return (people[-1].id if people else None), len(people)


def _renew(person: Person, further: Sequence[PersonDocument]) -> None:
    numbers = [unseal_field(person, row.identity_sealed, IDENTITY) for row in further]
    identity, phone, email = (open_field(person, purpose) for purpose in (IDENTITY, PHONE, EMAIL))
    if person.data_key is not None:
        person.data_key = rewrap_key(person.data_key)
    if identity is not None:
        person.identity_index = blind_index(f"{person.identity_kind}:{identity}", IDENTITY)
    if phone is not None:
        person.phone_index = blind_index(phone, PHONE)
    if email is not None:
        person.email_index = blind_index(email, EMAIL)
    for row, number in zip(further, numbers, strict=True):
        row.identity_index = blind_index(f"{row.identity_kind}:{number}", IDENTITY)
