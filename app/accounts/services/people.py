"""People, once each, with sealed fields; their accounts; organisations."""

from base64 import b64decode, b64encode
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account, Membership, Organisation, Person, PersonDocument
from app.accounts.queries import EMAIL, IDENTITY, PHONE, is_staff, person_by_identity
from app.accounts.rules import passwords
from app.accounts.rules.contacts import clean_email, clean_phone, mask_email, mask_phone
from app.accounts.rules.guessing import spelt
from app.accounts.rules.identity import check_born, clean_number, mask_identity
from app.accounts.rules.profiles import profile
from app.accounts.states import IdentityKind, OrganisationKind
from app.core import clock, events
from app.core.access import Actor
from app.core.config import settings
from app.core.crypto import blind_index, blind_indexes, new_wrapped_key, seal, unseal, unwrap_key
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l

TOTP = "account.totp"


def add_person(
    *,
    name: str,
    at: datetime,
    name_latin: str | None = None,
    identity_kind: IdentityKind | None = None,
    identity_number: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    by: Actor | None = None,
) -> Person:
    """Return the person with an identity document, adding them where the house does not know them.

    A known person is returned as they are: nothing of theirs is overwritten.
    Raises InvalidError with its field; ConflictError where telephone or mail belong to another.
    """
    if identity_kind and identity_number:
        known = person_by_identity(identity_kind, identity_number)
        if known is not None:
            return known
    person = Person(name=name.strip(), name_latin=name_latin, data_key=new_wrapped_key(), created_at=at)
    if identity_kind and identity_number:
        seal_identity(person, identity_kind, identity_number)
    if phone:
        _seal_phone(person, phone)
    if email:
        _seal_email(person, email)
    session.add(person)
    session.flush()
    events.record("accounts.person_added", Subject("person", person.code), by=by, at=at)
    return person


def correct_name(
    person: Person, *, name: str, name_latin: str | None, reason: str, by: Actor | None = None, at: datetime
) -> bool:
    """Change a verified name after the document was seen; return whether anything changed.

    The event says that it changed and why, never from what to what. Raises InvalidError for an empty name or reason,
    ConflictError where the person's data was erased or the record was joined with another.
    """
    if not name.strip() or not reason.strip():
        raise InvalidError(_l("Give the name as the document has it, and the reason."), field="name")
    if person.erased_at is not None or person.merged_into_id is not None:
        raise ConflictError(_l("This record was erased or joined with another."))
    if (person.name, person.name_latin) == (name.strip(), name_latin):
        return False
    person.name, person.name_latin = name.strip(), name_latin
    session.flush()
    events.record("accounts.name_corrected", Subject("person", person.code), by=by, at=at, reason=reason.strip())
    return True


def seal_identity(person: Person, kind: IdentityKind, number: str) -> None:
    """Keep a document as the one that stands first; raises InvalidError for a number that cannot be one."""
    written = clean_number(kind, number)
    check_born(kind, written, clock.today())
    person.identity_kind = kind
    person.identity_sealed = seal(_key(person), written, IDENTITY)
    person.identity_index = blind_index(f"{kind}:{written}", IDENTITY)


def _seal_phone(person: Person, phone: str) -> None:
    written = clean_phone(phone)
    if is_taken(Person.phone_index, written, PHONE):
        raise ConflictError(_l("This telephone number belongs to another person."), field="phone")
    person.phone_sealed = seal(_key(person), written, PHONE)
    person.phone_index = blind_index(written, PHONE)


def _seal_email(person: Person, email: str) -> None:
    written = clean_email(email)
    if is_taken(Person.email_index, written, EMAIL):
        raise ConflictError(_l("This mail address belongs to another person."), field="email")
    person.email_sealed = seal(_key(person), written, EMAIL)
    person.email_index = blind_index(written, EMAIL)


def is_taken(column: InstrumentedAttribute[bytes | None], text: str, purpose: str) -> bool:
    """Tell whether a telephone number or mail address belongs to somebody."""
    query = select(Person.id).where(column.in_(blind_indexes(text, purpose)))
    return session.scalar(query) is not None


def _key(person: Person) -> bytes:
    if person.data_key is None:
        raise ConflictError(_l("The personal data of this person was erased."))
    return unwrap_key(person.data_key)


def seal_field(person: Person, text: str, purpose: str) -> bytes:
    """Seal a text under a person's own key, so that it goes with their erasure; raises ConflictError after it."""
    return seal(_key(person), text, purpose)


def unseal_field(person: Person, sealed: bytes, purpose: str) -> str:
    """Open what `seal_field` sealed."""
    return unseal(_key(person), sealed, purpose)


def seal_bytes(person: Person, data: bytes, purpose: str) -> bytes:
    """Seal a file under a person's own key, so that it goes with their erasure; raises ConflictError after it."""
    return seal(_key(person), b64encode(data).decode("ascii"), purpose)


def unseal_bytes(person: Person, sealed: bytes, purpose: str) -> bytes:
    """Open what `seal_bytes` sealed."""
    return b64decode(unseal(_key(person), sealed, purpose))


def open_field(person: Person, purpose: str) -> str | None:
    """Return a sealed field of a person (`person.identity`, `person.phone`, `person.email`) in the clear."""
    sealed = {
        IDENTITY: person.identity_sealed,
        PHONE: person.phone_sealed,
        EMAIL: person.email_sealed,
    }[purpose]
    return None if sealed is None else unseal(_key(person), sealed, purpose)


def masked_data(person: Person) -> dict[str, str | None]:
    """Return identity number, telephone and mail of a person as screens show them."""
    masks = {IDENTITY: mask_identity, PHONE: mask_phone, EMAIL: mask_email}
    opened = {purpose: open_field(person, purpose) for purpose in masks}
    return {purpose.split(".")[1]: masks[purpose](text) if text else None for purpose, text in opened.items()}


def add_account(
    person: Person,
    password: str | None,
    *,
    at: datetime,
    password_hash: str | None = None,
    totp_secret: str | None = None,
    language: str | None = None,
    demo: bool = False,
    by: Actor | None = None,
) -> Account:
    """Let a person sign in; a ready hash is for the demo, which hashes one password once.

    Raises InvalidError for a weak password, ConflictError where an account exists.
    """
    if session.scalar(select(Account.id).where(Account.person_id == person.id)) is not None:
        raise ConflictError(_l("This person has an account already."))
    if password_hash is None:
        check_for_account(person, password or "", alone=not is_staff(person.id, clock.today()))
    account = Account(
        person_id=person.id,
        password_hash=password_hash or passwords.hash_password(password or ""),
        totp_sealed=seal(_key(person), totp_secret, TOTP) if totp_secret else None,
        language=language,
        demo=demo,
        created_at=at,
    )
    session.add(account)
    session.flush()
    events.record("accounts.account_added", Subject("person", person.code), by=by, at=at)
    return account


def check_for_account(person: Person, password: str, *, alone: bool) -> None:
    """Refuse a password that the profile in force does not allow a person; raises InvalidError."""
    in_force = profile(settings().password_profile)
    passwords.check_new(password, words_about(person), profile=in_force, alone=alone)


def words_about(person: Person) -> tuple[str, ...]:
    """Return what a password of a person may not hold: names, also spelt, contacts, documents, day of birth, unit."""
    documents = [(person.identity_kind, open_field(person, IDENTITY) or ""), *_further(person)]
    opened = [open_field(person, purpose) or "" for purpose in (PHONE, EMAIL)]
    known = [person.name, person.name_latin or "", *opened, *(number for _kind, number in documents)]
    parts = {part for text in known for part in (text, text.removeprefix("+86"), text.split("@")[0])}
    born = {part for kind, number in documents for part in _born(kind, number)}
    parts |= {*spelt(person.name), *born, *_units_of(person)}
    return tuple(part for part in sorted(parts) if len(part) > 1)


def _further(person: Person) -> list[tuple[IdentityKind, str]]:
    rows = session.scalars(select(PersonDocument).where(PersonDocument.person_id == person.id))
    return [(row.identity_kind, unseal_field(person, row.identity_sealed, IDENTITY)) for row in rows]


def _born(kind: IdentityKind | None, number: str) -> tuple[str, ...]:
    """Return the day of birth that an identity number holds, in eight figures and in six."""
    return (number[6:14], number[8:14]) if kind is IdentityKind.RESIDENT_ID else ()


def _units_of(person: Person) -> set[str]:
    """Return the names of the bodies a person acts for, in characters and spelt."""
    query = select(Organisation.name_zh, Organisation.slug).join(
        Membership, Membership.organisation_id == Organisation.id
    )
    rows = session.execute(query.where(Membership.person_id == person.id))
    return {part for name, slug in rows for part in (name, slug, *spelt(name))}


def set_language(account: Account, language: str, *, by: Actor, at: datetime) -> None:
    """Remember which language a person reads."""
    account.language = language
    session.flush()
    events.record(
        "accounts.language_chosen",
        Subject("person", account.person.code),
        by=by,
        at=at,
        data={"language": language},
    )


def totp_secret(account: Account) -> str | None:
    """Return the secret of a person's second factor, None where none is set up."""
    if account.totp_sealed is None:
        return None
    return unseal(_key(account.person), account.totp_sealed, TOTP)


def set_totp_secret(account: Account, secret: str, step: int, *, at: datetime) -> None:
    """Set up a second factor that the person has just shown to work; the step shown is spent."""
    account.totp_sealed = seal(_key(account.person), secret, TOTP)
    account.totp_last_step = step
    session.flush()
    events.record("accounts.second_factor_set", Subject("person", account.person.code), by=None, at=at)


def add_organisation(
    *,
    kind: OrganisationKind,
    slug: str,
    name_zh: str,
    name_en: str,
    region_code: str,
    at: datetime,
    credit_code: str | None = None,
    parent_id: int | None = None,
    by: Actor | None = None,
) -> Organisation:
    """Return the organisation with a slug, adding it where it is not known."""
    known = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if known is not None:
        return known
    organisation = Organisation(
        kind=kind,
        slug=slug,
        name_zh=name_zh,
        name_en=name_en,
        region_code=region_code,
        credit_code=credit_code,
        parent_id=parent_id,
        created_at=at,
    )
    session.add(organisation)
    session.flush()
    events.record("accounts.organisation_added", Subject("organisation", organisation.code), by=by, at=at)
    return organisation
