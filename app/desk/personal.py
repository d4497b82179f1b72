"""Notices about one's own roles and account: of the accounts room, which lies below the desk."""

from sqlalchemy import select

from app.accounts.models import Membership, Person
from app.core.db import session
from app.core.events import Event
from app.core.text import _l
from app.desk.kinds import NoticeKind, Told


def _of_role(happened: Event) -> list[Told]:
    """Return the holder of a role that somebody gave or ended; what an import or the system gives is no news."""
    if happened.actor_id is None:
        return []
    query = (
        select(Membership, Person.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.code == happened.subject_code, Membership.code == str(happened.data.get("membership", "")))
    )
    return [
        Told(
            person_id,
            "/acting",
            {
                "place_zh": (row.organisation or row.region).name_zh,
                "place_en": (row.organisation or row.region).name_en,
            },
        )
        for row, person_id in session.execute(query)
    ]


def _of_account(happened: Event) -> list[Told]:
    person_id = session.scalar(select(Person.id).where(Person.code == happened.subject_code))
    return [Told(person_id, "/me")] if person_id else []


NOTICES = (
    NoticeKind(
        "accounts.role_granted",
        "accounts.role_granted",
        label=_l("A role was given to you"),
        sentence=_l("You hold a new role at %(place)s."),
        told=_of_role,
    ),
    NoticeKind(
        "accounts.role_ended",
        "accounts.role_ended",
        label=_l("A role of yours was ended"),
        sentence=_l("A role of yours at %(place)s was ended."),
        told=_of_role,
        mail=True,
    ),
    NoticeKind(
        "accounts.second_factor_set",
        "accounts.second_factor_set",
        label=_l("Your second factor was set up"),
        sentence=_l("A second factor was set up for your account. If it was not you, tell an administrator at once."),
        told=_of_account,
        mail=True,
    ),
)
