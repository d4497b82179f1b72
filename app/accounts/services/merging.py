"""Two records of one human being joined: proposed with reasons by one person, confirmed by a second.

Every foreign key to a person, of whichever room, is moved; append-only tables keep the old id, which leads to the
person through `merged_into_id`. A room that can hold both at once says by `Room.merges` what then happens.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.access import Permission
from app.accounts.models import (
    Account,
    Invitation,
    Passkey,
    PasswordReset,
    PastPassword,
    Person,
    PersonDocument,
    RecoveryCode,
    SecurityOrder,
    SignInSession,
)
from app.accounts.queries import IDENTITY
from app.accounts.rights import Claim, Consent, ContactChange, DataExport, Erasure, NameCorrection, PersonMerge
from app.accounts.rules.identity import two_people
from app.accounts.services import contacts
from app.accounts.services.documents import Document, documents_of, first_of, keep_further
from app.accounts.services.people import TOTP, open_field, seal_identity
from app.accounts.states import ERASURE, MERGE, ClaimState, ErasureState, IdentityKind, MergeState, NameState, ResetWay
from app.core import clock, events
from app.core.access import Actor
from app.core.clock import real_now
from app.core.crypto import new_wrapped_key, seal, unseal, unwrap_key
from app.core.db import Base, session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.room import rooms
from app.core.text import _l

STAYS = frozenset({"person_merge"})
"""Tables whose references are the history of the merge itself."""


def references() -> Iterator[Column[int]]:
    """Yield every column of every room that refers to a person, but those of append-only tables."""
    for table in Base.metadata.sorted_tables:
        if table.name in STAYS or table.info.get("append_only"):
            continue
        for column in table.columns:
            if any(key.column.table.name == "person" and key.column.name == "id" for key in column.foreign_keys):
                yield column


def propose_merge(kept: Person, gone: Person, *, reasons: str, by: Actor, at: datetime) -> PersonMerge:
    """Propose that two records are one human being; raises InvalidError or ConflictError where they cannot be."""
    if not by.may(Permission.MERGE):
        raise ForbiddenError(_l("Only an administrator proposes to join records."))
    check_mergeable(kept, gone)
    if by.person_id in {kept.id, gone.id}:
        raise ForbiddenError(_l("Nobody joins records of their own."))
    pair = or_(
        and_(PersonMerge.kept_id == kept.id, PersonMerge.gone_id == gone.id),
        and_(PersonMerge.kept_id == gone.id, PersonMerge.gone_id == kept.id),
    )
    waiting = session.scalar(select(PersonMerge).where(pair, PersonMerge.state == MergeState.PROPOSED))
    if waiting is not None:
        return waiting
    merge = PersonMerge(kept_id=kept.id, gone_id=gone.id, reasons=reasons, proposed_by_id=by.person_id, proposed_at=at)
    session.add(merge)
    session.flush()
    _record("accounts.merge_proposed", merge, kept, gone, by=by, at=at)
    return merge


def check_mergeable(kept: Person, gone: Person) -> None:
    """Raise where two records cannot be one human being, or one of them is no record of a person any more."""
    if kept.id == gone.id:
        raise InvalidError(_l("These are the same record. Name two."), field="gone")
    if any(one.merged_into_id is not None or one.erased_at is not None for one in (kept, gone)):
        raise ConflictError(_l("One of the two records was joined with another or erased already."))
    if two_people(_numbers(kept), _numbers(gone)):
        raise ConflictError(
            _l("The two records hold two numbers of a kind of which a person has one for life. They are never joined.")
        )


def _numbers(person: Person) -> list[tuple[IdentityKind, str]]:
    return [(one.kind, one.number) for one in documents_of(person)]


def confirm_merge(merge: PersonMerge, *, answer: str, by: Actor, at: datetime, real_at: datetime) -> None:
    """Join the two records; raises ForbiddenError for whoever proposed it, ConflictError where both hold one place.

    Contacts and document that only the record that goes holds are taken over; its sessions end. A contact taken over
    counts as set by an officer: it is told, and opens no reset for some days.
    """
    _check_second(merge, by)
    kept, gone = session.get_one(Person, merge.kept_id), session.get_one(Person, merge.gone_id)
    check_mergeable(kept, gone)
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == gone.id, SignInSession.ended_at.is_(None))
        .values(ended_at=real_at)
    )
    _apply_rules(kept.id, gone.id)
    reached = _take_over(kept, gone, at=at)
    moved = {f"{column.table.name}.{column.name}": _move(column, kept.id, gone.id) for column in references()}
    decided = {"decided_by_id": by.person_id, "decided_at": at, "answer": answer}
    MERGE.move(merge, "confirm", moved={name: count for name, count in moved.items() if count}, **decided)
    session.flush()
    for way, address in reached.items():
        contacts.set_contact(kept, way, address, reason=merge.reasons, by=by, at=real_at)
    _record("accounts.people_merged", merge, kept, gone, by=by, at=at)


def _check_second(merge: PersonMerge, by: Actor) -> None:
    if not by.may(Permission.MERGE) or by.person_id == merge.proposed_by_id:
        raise ForbiddenError(_l("A second administrator decides: not whoever proposed it."))
    if by.person_id in {merge.kept_id, merge.gone_id}:
        raise ForbiddenError(_l("Nobody joins records of their own."))


def _apply_rules(kept_id: int, gone_id: int) -> None:
    for room in rooms():
        for rule in room.merges.values():
            rule(kept_id, gone_id)
    session.flush()


def _move(column: Column[int], kept_id: int, gone_id: int) -> int:
    """Move one column's references; raises ConflictError where both records hold what only one may."""
    table = column.table
    for others in unique_with(table, column):
        _refuse_both(column, others, kept_id=kept_id, gone_id=gone_id)
    moving = update(table).where(column == gone_id).values({column.name: kept_id}).returning(column)
    try:
        return len(session.execute(moving).all())
    except IntegrityError as error:
        raise ConflictError(
            _l(
                "Joined, one person would stand on both sides of an entry in “%(table)s” that needs two people.",
                table=table.name,
            )
        ) from error


def unique_with(table: Table, column: Column[int]) -> Iterator[list[Column[object]]]:
    """Yield the other columns of every unique constraint or index that the column is part of."""
    unique = (UniqueConstraint, PrimaryKeyConstraint)
    groups = [list(one.columns) for one in table.constraints if isinstance(one, unique)]
    groups += [
        list(one.columns) for one in table.indexes if one.unique and one.dialect_options["sqlite"]["where"] is None
    ]
    for group in groups:
        if column in group:
            yield [other for other in group if other is not column]


def _refuse_both(column: Column[int], others: list[Column[object]], *, kept_id: int, gone_id: int) -> None:
    table = column.table
    twin = table.alias()
    same = and_(twin.c[column.name] == kept_id, *(twin.c[other.name] == other for other in others))
    both = select(func.count()).select_from(table.join(twin, same)).where(column == gone_id)
    if session.scalar(both):
        raise ConflictError(
            _l(
                "Both records hold an entry in “%(table)s” of which a person has only one. End one of them first.",
                table=table.name,
            )
        )


def _take_over(kept: Person, gone: Person, *, at: datetime) -> dict[ResetWay, str]:
    """Clear the record that goes and keep its document; return the contacts that only it had."""
    missing = {way: kind for way, kind in contacts.KINDS.items() if open_field(kept, kind.purpose) is None}
    opened = {way: open_field(gone, kind.purpose) for way, kind in missing.items()}
    first = first_of(gone)
    if kept.data_key is None:
        kept.data_key = new_wrapped_key()
    gone.identity_kind = gone.identity_sealed = gone.identity_index = None
    gone.phone_sealed = gone.phone_index = gone.email_sealed = gone.email_index = None
    gone.data_key, gone.merged_into_id = None, kept.id
    session.flush()
    if first is not None:
        _keep_document(kept, first, at=at)
    return {way: address for way, address in opened.items() if address}


def _keep_document(kept: Person, first: Document, *, at: datetime) -> None:
    """Keep the first document of the record that goes: as the first where there is none, else beside it."""
    if kept.identity_index is None:
        seal_identity(kept, first.kind, first.number)
    else:
        keep_further(kept, first, at=at)


def decline_merge(merge: PersonMerge, *, answer: str, by: Actor, at: datetime) -> None:
    """Keep two records apart, with the reason; raises ForbiddenError for whoever proposed it."""
    _check_second(merge, by)
    kept, gone = session.get_one(Person, merge.kept_id), session.get_one(Person, merge.gone_id)
    MERGE.move(merge, "decline", decided_by_id=by.person_id, decided_at=at, answer=answer)
    session.flush()
    _record("accounts.merge_declined", merge, kept, gone, by=by, at=at)


def _record(kind: str, merge: PersonMerge, kept: Person, gone: Person, *, by: Actor, at: datetime) -> None:
    data = {"merge": merge.code, "gone": gone.code}
    events.record(kind, Subject("person", kept.code), by=by, at=at, data=data)


def ids_of(person_id: int) -> list[int]:
    """Return the ids under which append-only tables know a person: their own and those joined into it."""
    return [person_id, *session.scalars(select(Person.id).where(Person.merged_into_id == person_id))]


def keep_one_account(kept_id: int, gone_id: int) -> None:
    """Keep the account of the record that stays; where only the other has one, its second factor is sealed anew."""
    if session.scalar(select(Account.id).where(Account.person_id == kept_id)) is not None:
        session.execute(delete(Account).where(Account.person_id == gone_id))
        return
    account = session.scalar(select(Account).where(Account.person_id == gone_id))
    if account is not None:
        account.totp_sealed = sealed_anew(account.totp_sealed, TOTP, kept_id=kept_id, gone_id=gone_id)


def sealed_anew(sealed: bytes | None, purpose: str, *, kept_id: int, gone_id: int) -> bytes | None:
    """Return what lay sealed under the key of the record that goes under that of the one that stays.

    For the rules of `Room.merges`: the key of the record that goes is destroyed once they have run.
    """
    kept, gone = session.get_one(Person, kept_id), session.get_one(Person, gone_id)
    if sealed is None or gone.data_key is None:
        return None
    kept.data_key = kept.data_key or new_wrapped_key()
    return seal(unwrap_key(kept.data_key), unseal(unwrap_key(gone.data_key), sealed, purpose), purpose)


def keep_own_factors(kept_id: int, gone_id: int) -> None:
    """Drop factors and passwords of the record that goes where its account goes too; else they move with it."""
    if session.scalar(select(Account.id).where(Account.person_id == kept_id)) is None:
        return
    for model in (Passkey, RecoveryCode, PastPassword):
        session.execute(delete(model).where(model.person_id == gone_id))


def drop_resets(kept_id: int, gone_id: int) -> None:
    """Drop wishes of the record that goes to set a new password: their links were made for it alone."""
    del kept_id
    session.execute(delete(PasswordReset).where(PasswordReset.person_id == gone_id))


def drop_contacts(kept_id: int, gone_id: int) -> None:
    """Drop what the record that goes wanted to be reached by; what was changed moves, its old address sealed anew.

    What its owner proved ends no rest of an address of the record that stays, and nobody is their own officer.
    """
    open_ = (ContactChange.person_id == gone_id) & ContactChange.done_at.is_(None)
    session.execute(delete(ContactChange).where(open_))
    for row in session.scalars(select(ContactChange).where(ContactChange.person_id == gone_id)).all():
        proved = row.changed_by_id is None
        if row.changed_by_id == kept_id or (proved and contacts.rests(kept_id, row.way, real_now())):
            session.delete(row)
        else:
            row.before_sealed = sealed_anew(row.before_sealed, contacts.BEFORE, kept_id=kept_id, gone_id=gone_id)


def one_order(kept_id: int, gone_id: int) -> None:
    """Refuse to join a record of which a correction waits: it says what shall stand under the key that goes."""
    query = select(func.count()).select_from(SecurityOrder).where(SecurityOrder.asked_sealed.is_not(None))
    if session.scalar(query.where(SecurityOrder.person_id.in_((kept_id, gone_id)))):
        raise ConflictError(_l("A correction of one of the records waits for a second person. Decide on that first."))


def documents_anew(kept_id: int, gone_id: int) -> None:
    """Seal the further documents of the record that goes under the key of the one that stays; they move with it."""
    for row in session.scalars(select(PersonDocument).where(PersonDocument.person_id == gone_id)):
        sealed = sealed_anew(row.identity_sealed, IDENTITY, kept_id=kept_id, gone_id=gone_id)
        row.identity_sealed = sealed or row.identity_sealed


def drop_addresses(kept_id: int, gone_id: int) -> None:
    """Drop where the sessions of the record that goes were opened from: it lies under a key that is destroyed."""
    del kept_id
    session.execute(update(SignInSession).where(SignInSession.person_id == gone_id).values(address_sealed=None))


def one_erasure(kept_id: int, gone_id: int) -> None:
    """Withdraw the request for erasure of the record that goes where the other asked too; an erasure goes first."""
    query = select(Erasure).where(Erasure.state.in_((ErasureState.REQUESTED, ErasureState.LIMITED)))
    own = session.scalar(query.where(Erasure.person_id == kept_id))
    other = session.scalar(query.where(Erasure.person_id == gone_id))
    if any(one is not None and one.state is ErasureState.LIMITED for one in (own, other)):
        raise ConflictError(_l("One of the two records is being erased. What is erased is never joined."))
    if own is not None and other is not None:
        ERASURE.move(other, "withdraw")
        session.flush()
        about = Subject("person", session.get_one(Person, gone_id).code)
        events.record("accounts.erasure_withdrawn", about, by=None, at=clock.now(), data={"erasure": other.code})


def one_claim(kept_id: int, gone_id: int) -> None:
    """Refuse to join two records that are both claimed: somebody first looks at the documents."""
    query = select(func.count()).select_from(Claim)
    claimed = session.scalar(query.where(Claim.person_id.in_((kept_id, gone_id)), Claim.state == ClaimState.OPEN))
    if claimed == len((kept_id, gone_id)):
        raise ConflictError(_l("Both records are claimed. Decide on the claims first, then join the records."))


def one_correction(kept_id: int, gone_id: int) -> None:
    """Refuse to join a record whose name is to be corrected; what was decided of the one that goes loses its paper."""
    query = select(func.count()).select_from(NameCorrection)
    open_ = NameCorrection.person_id.in_((kept_id, gone_id)), NameCorrection.state == NameState.REQUESTED
    if session.scalar(query.where(*open_)):
        raise ConflictError(_l("The name of one of the records is to be corrected. Decide on that first."))
    gone = update(NameCorrection).where(NameCorrection.person_id == gone_id)
    session.execute(gone.values(asked_sealed=None, paper_sealed=None))


def end_links(kept_id: int, gone_id: int) -> None:
    """End the open links and copies of the record that goes: they were made for it alone."""
    del kept_id
    open_link = (Invitation.person_id == gone_id) & Invitation.used_at.is_(None) & Invitation.ended_at.is_(None)
    session.execute(update(Invitation).where(open_link).values(ended_at=real_now()))
    session.execute(update(DataExport).where(DataExport.person_id == gone_id).values(sealed=None))


def keep_one_consent(kept_id: int, gone_id: int) -> None:
    """Let a consent that both records gave stand once."""
    standing = select(Consent.purpose).where(Consent.person_id == kept_id, Consent.withdrawn_at.is_(None))
    twice = (Consent.person_id == gone_id) & Consent.withdrawn_at.is_(None) & Consent.purpose.in_(standing)
    session.execute(
        update(Consent).where(twice).values(withdrawn_at=real_now()).execution_options(synchronize_session=False)
    )
