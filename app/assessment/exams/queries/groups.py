"""Which group each sitting belongs to, for the comparison of groups: only totals of groups are kept, no person's."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.accounts.queries import IDENTITY
from app.accounts.rules.identity import is_male
from app.accounts.services.people import open_field
from app.accounts.states import IdentityKind
from app.assessment.exams.queries.answers import Sat
from app.assessment.exams.statistics_states import Grouping
from app.core.db import session

CHUNK = 1000
PROVINCE = 2


def groups(sittings: Sequence[Sat]) -> dict[Grouping, list[str | None]]:
    """Return the groups of each sitting: gender by the identity number, province and training base of the cohort."""
    male = _male([one.person_id for one in sittings])
    bases = _bases({one.base_id for one in sittings})
    return {
        Grouping.GENDER: [_letter(male.get(one.person_id)) for one in sittings],
        Grouping.REGION: [one.region[:PROVINCE] + "0000" for one in sittings],
        Grouping.BASE: [bases[one.base_id] for one in sittings],
    }


def _letter(male: bool | None) -> str | None:  # noqa: FBT001 - None where unknown
    return None if male is None else "m" if male else "f"


def _male(person_ids: Sequence[int]) -> dict[int, bool]:
    """Tell who is male by the resident identity number; erased persons and other documents are unknown."""
    found: dict[int, bool] = {}
    for start in range(0, len(person_ids), CHUNK):
        query = select(Person).where(
            Person.id.in_(person_ids[start : start + CHUNK]),
            Person.identity_kind == IdentityKind.RESIDENT_ID,
            Person.identity_sealed.is_not(None),
            Person.data_key.is_not(None),
        )
        for person in session.scalars(query):
            number = open_field(person, IDENTITY)
            if number is not None:
                found[person.id] = is_male(number)
    return found


def _bases(organisation_ids: set[int]) -> dict[int, str]:
    query = select(Organisation.id, Organisation.slug).where(Organisation.id.in_(organisation_ids))
    return dict(session.execute(query).all())
