"""Reads of what the page of a sitting reported."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, Registration, SittingSignal
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.signal_kinds import NOTICED, SignalKind
from app.core.access import Actor
from app.core.crypto import unseal, unwrap_key
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

ADDRESS = "sitting_signal.address"
"""The column to which the sealed network addresses of sittings are bound."""


def index_text(attempt_code: str, address: str) -> str:
    """Return what the index of an address is made of: the same address of two sittings has two indexes."""
    return f"{attempt_code}:{address}"


def address_of(sealed: bytes | None, key: bytes | None) -> str | None:
    """Open the network address of a signal; None where it has none, or where its key was destroyed."""
    return unseal(unwrap_key(key), sealed, ADDRESS) if sealed is not None and key is not None else None


def attempt_of_registration(code: str, actor: Actor) -> Attempt:
    """Return the sitting behind a ticket number, with session and person, within the actor's organisation and region.

    Raises NotFoundError.
    """
    query = (
        select(Attempt)
        .join(Attempt.session)
        .join(Attempt.registration)
        .options(joinedload(Attempt.session), joinedload(Attempt.registration).joinedload(Registration.person))
        .where(Registration.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such sitting within what you may see."))
    return found


def signals(attempt_id: int, kind: SignalKind | None, page: int) -> Page[SittingSignal]:
    """List what a sitting's pages reported, all of it or of one kind, in the order received."""
    return paged(_of(attempt_id, kind), page)


def all_signals(attempt_id: int, kind: SignalKind | None) -> list[SittingSignal]:
    """Return the same without pages."""
    return list(session.scalars(_of(attempt_id, kind)))


def _of(attempt_id: int, kind: SignalKind | None) -> Select[SittingSignal]:
    query = select(SittingSignal).where(SittingSignal.attempt_id == attempt_id).order_by(SittingSignal.id)
    return query if kind is None else query.where(SittingSignal.kind == kind)


def counts(attempt_id: int) -> dict[SignalKind, int]:
    """Count the signals of a sitting by kind."""
    query = (
        select(SittingSignal.kind, func.count())
        .where(SittingSignal.attempt_id == attempt_id)
        .group_by(SittingSignal.kind)
    )
    return dict(session.execute(query).all())


def noticed(attempt_ids: Iterable[int]) -> dict[int, dict[SignalKind, int]]:
    """Count for each of the sittings how often its page was left or pasted into, by kind: one statement for all."""
    wanted = list(attempt_ids)
    if not wanted:
        return {}
    query = (
        select(SittingSignal.attempt_id, SittingSignal.kind, func.count())
        .where(SittingSignal.attempt_id.in_(wanted), SittingSignal.kind.in_(NOTICED))
        .group_by(SittingSignal.attempt_id, SittingSignal.kind)
    )
    found: dict[int, dict[SignalKind, int]] = defaultdict(dict)
    for attempt_id, kind, count in session.execute(query):
        found[attempt_id][kind] = count
    return found


def was_noticed() -> ColumnElement[bool]:
    """Return the condition that the page of a sitting was left or pasted into."""
    return exists().where(SittingSignal.attempt_id == Attempt.id, SittingSignal.kind.in_(NOTICED))


def addresses(listed: Iterable[SittingSignal]) -> dict[int, str | None]:
    """Return the network address of each signal that notes one, by the id of the signal."""
    return {one.id: address_of(one.address_sealed, one.address_key) for one in listed if one.kind is SignalKind.ADDRESS}
