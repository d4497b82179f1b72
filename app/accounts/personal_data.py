"""What the accounts room keeps of a person, and how."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, literal, or_, select, update

from app.accounts import services
from app.accounts.models import (
    Invitation,
    Membership,
    Organisation,
    Passkey,
    PasswordReset,
    Person,
    SecurityOrder,
    SignInSession,
)
from app.accounts.queries import account_of
from app.accounts.rights import (
    Claim,
    Consent,
    ConsentText,
    ContactChange,
    DataExport,
    Erasure,
    NameCorrection,
    PersonMerge,
)
from app.accounts.services.consents import PUBLISH_NAME
from app.accounts.services.documents import documents_of
from app.accounts.services.merging import ids_of
from app.accounts.staged import PeopleRow
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Event
from app.core.personal_data import BATCH, rows
from app.core.room import ConsentPurpose, PersonalData
from app.core.text import _l

ERASED_ROW = "-"


def _person(person_id: int) -> Iterable[JsonObject]:
    person = session.get_one(Person, person_id)
    account = account_of(person_id)
    opened = {
        name: services.open_field(person, f"person.{name}") if person.data_key else None
        for name in ("identity", "phone", "email")
    }
    further = [one for one in documents_of(person) if not one.first]
    joined = session.scalars(select(Person.code).where(Person.merged_into_id == person_id)).all()
    yield {
        "code": person.code,
        "name": person.name,
        "name_latin": person.name_latin,
        "document": person.identity_kind,
        **opened,
        "further_documents": ", ".join(f"{one.kind} {one.number}" for one in further),
        "known_since": person.created_at,
        "account_since": account.created_at if account else None,
        "language": account.language if account else None,
        "joined": ", ".join(joined),
    }


def _memberships(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Membership.code,
        Membership.role,
        Membership.region_code,
        Organisation.name_zh.label("organisation"),
        Membership.starts_on,
        Membership.ends_on,
        Membership.called_off,
    ).outerjoin(Organisation, Organisation.id == Membership.organisation_id)
    return rows(told.where(Membership.person_id == person_id).order_by(Membership.id))


def _sessions(person_id: int) -> Iterable[JsonObject]:
    person = session.get_one(Person, person_id)
    query = select(SignInSession).where(SignInSession.person_id == person_id).order_by(SignInSession.id)
    for row in session.scalars(query.execution_options(yield_per=BATCH)):
        yield {
            "code": row.code,
            "browser": row.agent,
            "address": services.place_of(row, person) if person.data_key else None,
            "started": row.started_at,
            "ended": row.ended_at,
        }


def _passkeys(person_id: int) -> Iterable[JsonObject]:
    told = select(Passkey.code, Passkey.name, Passkey.added_at, Passkey.used_at)
    return rows(told.where(Passkey.person_id == person_id).order_by(Passkey.id))


def _consents(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Consent.code,
        Consent.purpose,
        ConsentText.number,
        ConsentText.text_zh,
        ConsentText.text_en,
        Consent.given_at,
        Consent.withdrawn_at,
    ).join(ConsentText, ConsentText.id == Consent.text_id)
    return rows(told.where(Consent.person_id == person_id).order_by(Consent.id))


def _acts(person_id: int) -> Iterable[JsonObject]:
    told = select(Event.kind, Event.subject_type, Event.subject_code, Event.acting_role.label("role"), Event.at)
    return rows(told.where(Event.actor_id.in_(ids_of(person_id))).order_by(Event.id))


def _requests(person_id: int) -> Iterable[JsonObject]:
    """Tell of every request by or about the person: copies, erasures, orders, joined records, claims, links."""
    copy = select(
        literal("copy").label("kind"),
        DataExport.code,
        DataExport.requested_at.label("asked_at"),
        DataExport.downloaded_at,
    )
    yield from rows(copy.where(DataExport.person_id == person_id).order_by(DataExport.id))
    for kind, model, asked, mine in _asked(person_id):
        told = select(literal(kind).label("kind"), model.code, model.state, asked.label("asked_at"), model.decided_at)
        yield from rows(told.where(mine).order_by(model.id))
    links = select(
        literal("invitation").label("kind"), Invitation.code, Invitation.sent_at.label("asked_at"), Invitation.used_at
    )
    yield from rows(links.where(Invitation.person_id == person_id).order_by(Invitation.id))
    contacts = select(
        literal("contact").label("kind"),
        ContactChange.code,
        ContactChange.way,
        ContactChange.asked_at,
        ContactChange.done_at.label("used_at"),
    )
    yield from rows(contacts.where(ContactChange.person_id == person_id).order_by(ContactChange.id))
    resets = select(
        literal("password_reset").label("kind"),
        PasswordReset.code,
        PasswordReset.asked_at,
        PasswordReset.used_at,
    )
    yield from rows(resets.where(PasswordReset.person_id == person_id).order_by(PasswordReset.id))


def _asked(person_id: int) -> tuple[tuple[str, Any, Any, ColumnElement[bool]], ...]:
    either = or_(PersonMerge.kept_id == person_id, PersonMerge.gone_id == person_id)
    return (
        ("erasure", Erasure, Erasure.requested_at, Erasure.person_id == person_id),
        ("order", SecurityOrder, SecurityOrder.asked_at, SecurityOrder.person_id == person_id),
        ("joining", PersonMerge, PersonMerge.proposed_at, either),
        ("claim", Claim, Claim.claimed_at, Claim.person_id == person_id),
        ("name", NameCorrection, NameCorrection.requested_at, NameCorrection.person_id == person_id),
    )


def _forget(person_id: int) -> None:
    """Clear what uploaded rosters still say of the person."""
    code = session.get_one(Person, person_id).code
    session.execute(
        update(PeopleRow)
        .where(PeopleRow.person_code == code)
        .values(name=ERASED_ROW, masked=ERASED_ROW, employer=None, problems=[])
        .execution_options(synchronize_session=False)
    )
    session.execute(update(SignInSession).where(SignInSession.person_id == person_id).values(agent=None))


PERSONAL_DATA = (
    PersonalData(
        "person",
        _l("Who I am"),
        _person,
        forget=_forget,
        columns=("account.person_id", "person.merged_into_id", "person_document.person_id"),
        fields={
            "name_latin": _l("Name in Latin letters"),
            "document": _l("Document"),
            "identity": _l("Document number"),
            "further_documents": _l("Further documents"),
            "phone": _l("Mobile phone number"),
            "email": _l("Mail address"),
            "known_since": _l("Known since"),
            "account_since": _l("Account since"),
            "joined": _l("Records joined into this one"),
        },
    ),
    PersonalData(
        "roles",
        _l("My roles"),
        _memberships,
        columns=("membership.person_id",),
        fields={"called_off": _l("Cancelled")},
    ),
    PersonalData(
        "sessions",
        _l("Where I signed in"),
        _sessions,
        columns=("sign_in_session.person_id",),
        fields={
            "browser": _l("Browser"),
            "address": _l("Network address"),
            "started": _l("Signed in"),
            "ended": _l("Ended on"),
        },
    ),
    PersonalData(
        "passkeys",
        _l("My passkeys"),
        _passkeys,
        columns=("passkey.person_id",),
        fields={"added_at": _l("Added on"), "used_at": _l("Used on")},
    ),
    PersonalData(
        "consents",
        _l("My consents"),
        _consents,
        columns=("consent.person_id",),
        fields={
            "text_zh": _l("Words in Chinese"),
            "text_en": _l("Words in English"),
            "given_at": _l("Agreed on"),
            "withdrawn_at": _l("Withdrawn on"),
        },
    ),
    PersonalData(
        "requests",
        _l("Requests by me or about me"),
        _requests,
        columns=(
            "data_export.person_id",
            "erasure.person_id",
            "security_order.person_id",
            "person_merge.kept_id",
            "person_merge.gone_id",
            "claim.person_id",
            "name_correction.person_id",
            "invitation.person_id",
            "password_reset.person_id",
            "contact_change.person_id",
        ),
        fields={"downloaded_at": _l("Downloaded on"), "used_at": _l("Used on"), "way": _l("By which way")},
    ),
    PersonalData("acts", _l("What I did"), _acts),
)
UNTOLD = {
    "job.person_id": "work that the machine did on request of the person; what was asked for is an act",
    "recovery_code.person_id": "digests of secrets that the person alone holds; that codes were made is an act",
    "past_password.person_id": "digests of secrets that the person alone knew; that one was changed is an act",
}

CONSENTS = (
    ConsentPurpose(
        PUBLISH_NAME,
        1,
        _l("Publishing my name"),
        _l(
            "I agree that my name stands on the platform's public lists of technology managers, with the level and"
            " the number of my certificate."
        ),
        _l(
            "From then on the public lists show your name masked."
            " Whoever is shown your certificate can still verify it."
        ),
        _l("Personal Information Protection Law, art. 25: separate consent to publish"),
    ),
)
