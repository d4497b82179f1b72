"""The doors of the ledger that a restriction closes: entering records, for oneself or for others, and checking them."""

from datetime import date

from app.cases.queries import restrictions
from app.core.access import Actor
from app.evidence.states import CHECKING, CHECKING_FOR_BODY, ENTERING, ENTERING_FOR_PEOPLE


def refuse_entering(by: Actor, *, on: date, person_id: int | None = None, organisation_id: int | None = None) -> None:
    """Refuse who enters, whom it is about, and the organisation that enters it; raises ForbiddenError.

    Whose own records are refused cannot have them entered by another.
    """
    people = {by.person_id} if person_id is None else {by.person_id, person_id}
    found = restrictions.restricted(ENTERING, people, on=on)
    if found:
        raise restrictions.refusal(found[min(found)])
    if organisation_id is not None:
        restrictions.refuse_if_restricted(ENTERING_FOR_PEOPLE, organisation_id=organisation_id, on=on)


def refuse_checking(by: Actor, *, on: date) -> None:
    """Refuse an officer who may not check, and one of a body that may not; raises ForbiddenError."""
    restrictions.refuse_if_restricted(CHECKING, person_id=by.person_id, on=on)
    if by.organisation_id is not None:
        restrictions.refuse_if_restricted(CHECKING_FOR_BODY, organisation_id=by.organisation_id, on=on)
