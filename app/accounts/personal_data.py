"""What the accounts room keeps of a person, and how."""

from collections.abc import Iterable

from sqlalchemy import select, update

from app.accounts import services
from app.accounts.models import Membership, Person, SignInSession
from app.accounts.rights import Consent
from app.accounts.services.merging import ids_of
from app.accounts.staged import PeopleRow
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Event
from app.core.room import ConsentPurpose, PersonalData
from app.core.text import _l

ERASED_ROW = "-"


def _person(person_id: int) -> Iterable[JsonObject]:
    person = session.get_one(Person, person_id)
    opened = {
        name: services.open_field(person, f"person.{name}") if person.data_key else None
        for name in ("identity", "phone", "email")
    }
    yield {
        "code": person.code,
        "name": person.name,
        "name_latin": person.name_latin,
        "document": person.identity_kind,
        **opened,
        "known_since": person.created_at,
    }


def _memberships(person_id: int) -> Iterable[JsonObject]:
    for row in session.scalars(select(Membership).where(Membership.person_id == person_id)):
        yield {
            "code": row.code,
            "role": row.role,
            "region": row.region_code,
            "organisation": row.organisation.name_zh if row.organisation else None,
            "from": row.starts_on,
            "until": row.ends_on,
        }


def _sessions(person_id: int) -> Iterable[JsonObject]:
    query = select(SignInSession).where(SignInSession.person_id == person_id).order_by(SignInSession.id)
    for row in session.scalars(query):
        yield {"code": row.code, "browser": row.agent, "started": row.started_at, "ended": row.ended_at}


def _consents(person_id: int) -> Iterable[JsonObject]:
    for row in session.scalars(select(Consent).where(Consent.person_id == person_id)):
        yield {
            "purpose": row.purpose,
            "words_zh": row.text.text_zh,
            "words_en": row.text.text_en,
            "given": row.given_at,
            "withdrawn": row.withdrawn_at,
        }


def _acts(person_id: int) -> Iterable[JsonObject]:
    query = select(Event).where(Event.actor_id.in_(ids_of(person_id))).order_by(Event.id)
    for row in session.scalars(query):
        yield {"kind": row.kind, "subject": row.subject_type, "code": row.subject_code, "at": row.at}


def _forget(person_id: int) -> None:
    """Clear what uploaded rosters still say of the person."""
    code = session.get_one(Person, person_id).code
    session.execute(
        update(PeopleRow)
        .where(PeopleRow.person_code == code)
        .values(name=ERASED_ROW, masked=ERASED_ROW, employer=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(update(SignInSession).where(SignInSession.person_id == person_id).values(agent=None))


PERSONAL_DATA = (
    PersonalData("person", _l("Who I am"), _person, forget=_forget),
    PersonalData("roles", _l("My roles"), _memberships),
    PersonalData("sessions", _l("Where I signed in"), _sessions),
    PersonalData("consents", _l("My consents"), _consents),
    PersonalData("acts", _l("What I did"), _acts),
)

CONSENTS = (
    ConsentPurpose(
        "accounts.share_employer",
        1,
        _l("Passing results on to my employer"),
        _l(
            "I agree that the platform passes my training, examination and certificate results on to the employer"
            " that I am a member of here. It gets my name, the result and its date, nothing else."
        ),
        _l("From then on nothing more is passed on. What the employer has received already stays with them."),
        _l("Personal Information Protection Law, art. 23: separate consent to pass data on"),
    ),
    ConsentPurpose(
        "accounts.publish_name",
        1,
        _l("Publishing my name"),
        _l(
            "I agree that my name stands on the platform's public lists of technology managers, with the level and"
            " the number of my certificate."
        ),
        _l("Your name leaves the public lists. Whoever holds your certificate's number can still verify it."),
        _l("Personal Information Protection Law, art. 25: separate consent to publish"),
    ),
)
