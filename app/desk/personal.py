"""Notices about one's own roles and account: of the accounts room, which lies below the desk."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Membership, Person
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event
from app.core.text import _l
from app.desk.kinds import NoticeKind, Told


def _of_role(happened: Event) -> Sequence[Told]:
    """Return the holder of a role that somebody gave or ended; what an import or the system gives is no news."""
    return _of_roles([happened]).get(happened.id, [])


def _of_roles(happened: Sequence[Event]) -> dict[int, list[Told]]:
    """Return the holders of roles by event, in one statement."""
    by_role = {
        (one.subject_code, str(one.data.get("membership", ""))): one.id for one in happened if one.actor_id is not None
    }
    if not by_role:
        return {}
    query = (
        select(Membership, Person.id, Person.code)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.code.in_({membership for _person, membership in by_role}))
    )
    return {
        by_role[code, row.code]: [Told(person_id, "/acting", _place(row))]
        for row, person_id, code in session.execute(query)
        if (code, row.code) in by_role
    }


def _place(row: Membership) -> dict[str, str]:
    named = row.organisation or row.region
    return {"place_zh": named.name_zh, "place_en": named.name_en}


def _of_account(happened: Event) -> list[Told]:
    person_id = session.scalar(select(Person.id).where(Person.code == happened.subject_code))
    return [Told(person_id, "/me")] if person_id else []


def _corrected(kind: str, label: Text, sentence: Text) -> NoticeKind:
    """Return the notice of what an officer corrected; letters about it go to the old address too."""
    return NoticeKind(f"accounts.{kind}", f"accounts.{kind}", label=label, sentence=sentence, told=_of_account)


NOTICES = (
    _corrected(
        "contact_corrected",
        _l("How you are reached was corrected"),
        _l("An officer corrected your telephone number or mail address. If it is wrong, tell them at once."),
    ),
    _corrected(
        "document_corrected",
        _l("Your document was corrected"),
        _l("Two officers corrected your identity document. If it is wrong, tell them at once."),
    ),
    _corrected(
        "document_added",
        _l("A document of yours was added"),
        _l("Two officers added a further identity document of yours. If it is wrong, tell them at once."),
    ),
    NoticeKind(
        "accounts.role_granted",
        "accounts.role_granted",
        label=_l("A role was given to you"),
        sentence=_l("You hold a new role at %(place)s."),
        told=_of_role,
        told_of_all=_of_roles,
    ),
    NoticeKind(
        "accounts.role_ended",
        "accounts.role_ended",
        label=_l("A role of yours was ended"),
        sentence=_l("A role of yours at %(place)s was ended."),
        told=_of_role,
        told_of_all=_of_roles,
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
