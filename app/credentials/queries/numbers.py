"""Reads of numbers: who holds one, and by which batch."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, or_, select

from app.core.db import session
from app.credentials.models import Batch, Certificate, CertificateRequest, HeldNumber
from app.credentials.queries.records import Holder
from app.credentials.rules.lint import Finding
from app.credentials.states import RequestState, RevocationReason

WRONG = (RevocationReason.ISSUED_IN_ERROR, RevocationReason.FACT_CORRECTED)
"""Why a certificate was revoked that should not have been issued as it was: its number is free again."""


def is_carried() -> ColumnElement[bool]:
    """Return whether a row in a batch, issued ones among them, carries a number for the one who holds it.

    One whose certificate was revoked because it never should have been issued as it was carries it no more.
    """
    holder = or_(
        CertificateRequest.person_id == HeldNumber.person_id,
        CertificateRequest.organisation_id == HeldNumber.organisation_id,
    )
    carries = select(CertificateRequest.id).where(
        CertificateRequest.number == HeldNumber.number, CertificateRequest.state == RequestState.BATCHED, holder
    )
    wrong = select(Certificate.id).where(
        Certificate.request_id == CertificateRequest.id, Certificate.revoked_for.in_(WRONG)
    )
    return carries.where(~wrong.exists()).exists()


def free_number(numbered: Callable[[int], str], serial: int) -> str:
    """Return the number of the first serial from one on that nothing asks to certify: files bring numbers, too."""
    while _is_asked_for(number := numbered(serial)):
        serial += 1
    return number


def _is_asked_for(number: str) -> bool:
    return session.scalar(select(CertificateRequest.id).where(CertificateRequest.number == number).limit(1)) is not None


def of_others(requests: Sequence[CertificateRequest]) -> dict[int, list[Finding]]:
    """Return which of some requests carry a number that another holds, and the batch that gave it: two statements.

    Whose it is is not said.
    """
    numbers = {one.number for one in requests if one.number is not None}
    if not numbers:
        return {}
    query = select(HeldNumber.number, HeldNumber.person_id, HeldNumber.organisation_id)
    rows = session.execute(query.where(HeldNumber.number.in_(numbers)))
    held = {number: Holder(person_id, organisation_id) for number, person_id, organisation_id in rows}
    wrong = [
        one
        for one in requests
        if one.number is not None and held.get(one.number) != Holder(one.person_id, one.organisation_id)
    ]
    batches = _batches_of({one.number: held[one.number] for one in wrong if one.number in held})
    return {one.id: [_finding(one.number or "", batches)] for one in wrong}


def _finding(number: str, batches: dict[str, str]) -> Finding:
    if number not in batches:
        return Finding("number-held", {"number": number})
    return Finding("number-taken", {"number": number, "batch": batches[number]})


def _batches_of(held: dict[str, Holder]) -> dict[str, str]:
    """Return the first batch that gave each number to who holds it."""
    if not held:
        return {}
    columns = (CertificateRequest.number, CertificateRequest.person_id, CertificateRequest.organisation_id, Batch.code)
    query = (
        select(*columns)
        .join(Batch, Batch.id == CertificateRequest.batch_id)
        .where(CertificateRequest.number.in_(held))
        .order_by(CertificateRequest.id.desc())
    )
    return {
        number: code
        for number, person_id, organisation_id, code in session.execute(query)
        if number is not None and held[number] == Holder(person_id, organisation_id)
    }
