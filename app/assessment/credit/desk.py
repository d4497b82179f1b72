"""What the credit room puts on desks: to-dos that must be open, notices to the subject, numbers."""

from collections.abc import Callable

from sqlalchemy import ScalarSelect, func, select

from app.accounts.access import within
from app.accounts.states import Role
from app.assessment.credit.access import Permission
from app.assessment.credit.models import CreditDoubt, CreditRating, CreditRecord, CreditRepair
from app.assessment.credit.services.doubts import LOOK_AGAIN, SECOND
from app.assessment.credit.states import DoubtState, RecordState, RepairState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told


def expected() -> set[Expected]:
    """Return the to-dos that follow from states: a record waits for a second officer, a repair or a doubt for one."""
    entered = select(CreditRecord.code, CreditRecord.region_code).where(CreditRecord.state == RecordState.ENTERED)
    asked = (
        select(CreditRepair.code, CreditRecord.region_code)
        .join(CreditRecord, CreditRecord.id == CreditRepair.record_id)
        .where(CreditRepair.state == RepairState.APPLIED)
    )
    doubted = select(CreditDoubt.code, CreditRecord.region_code).join(
        CreditRecord, CreditRecord.id == CreditDoubt.record_id
    )
    return {
        Expected(kind, Subject(type_, code), role=Role.CREDIT, region_code=region)
        for kind, type_, query in (
            ("credit.confirm", "credit_record", entered),
            ("credit.repair", "credit_repair", asked),
            (LOOK_AGAIN, "credit_doubt", doubted.where(CreditDoubt.state == DoubtState.OPEN)),
            (SECOND, "credit_doubt", doubted.where(CreditDoubt.state == DoubtState.PROPOSED)),
        )
        for code, region in session.execute(query)
    }


def _subject_of_record(happened: Event) -> list[Told]:
    query = select(CreditRecord.person_id).where(CreditRecord.code == happened.subject_code)
    return [Told(person_id, f"/credit/records/{happened.subject_code}") for person_id in session.scalars(query)]


def _subject_of_rating(happened: Event) -> list[Told]:
    query = select(CreditRating.person_id).where(CreditRating.code == happened.subject_code)
    return [Told(person_id, f"/credit/ratings/{happened.subject_code}") for person_id in session.scalars(query)]


def _rated_plainly(happened: Event) -> list[Told]:
    return [] if "evidence" in happened.data else _subject_of_rating(happened)


def _rated_without(happened: Event) -> list[Told]:
    return _subject_of_rating(happened) if "evidence" in happened.data else []


def _notice(
    event: str, label: Text, sentence: Text, told: Callable[[Event], list[Told]] = _subject_of_record
) -> NoticeKind:
    return NoticeKind(event, event, label=label, sentence=sentence, told=told, mail=True)


NOTICES = (
    _notice(
        "credit.confirmed",
        _l("A credit record about you was confirmed"),
        _l("A credit record about you was confirmed. Read it; you may object."),
    ),
    _notice(
        "credit.withdrawn",
        _l("A credit record about you was withdrawn"),
        _l("A credit record about you was withdrawn: it is no longer published or used. Read the reason."),
    ),
    _notice(
        "credit.doubted",
        _l("Evidence behind a credit record about you ended"),
        _l(
            "Evidence that a credit record about you rests on was withdrawn or replaced. Two officers look at the "
            "record again."
        ),
    ),
    _notice(
        "credit.stands",
        _l("A credit record about you stands after a second look"),
        _l("Two officers looked at a credit record about you again, and it stands. Read why; you may object."),
    ),
    _notice(
        "credit.repaired",
        _l("A credit record of yours was repaired"),
        _l("A credit record of yours was repaired: it is no longer published or used, and you were rated again."),
    ),
    _notice(
        "credit.repair_refused",
        _l("An application for credit repair was refused"),
        _l("Your application for credit repair was refused. Read the reason."),
    ),
    _notice(
        "credit.rated",
        _l("Your credit was rated"),
        _l("Your credit was rated. Read why; you may ask for a human review."),
        _rated_plainly,
    ),
    NoticeKind(
        "credit.rated_again",
        "credit.rated",
        label=_l("Your credit was rated again because evidence ended"),
        sentence=_l(
            "Evidence that your credit rating counted was withdrawn or replaced, so you were rated again on what "
            "stands now. Read the rating; you may ask for a human review."
        ),
        told=_rated_without,
        mail=True,
    ),
)


def _entered(actor: Actor) -> ScalarSelect[int]:
    query = select(func.count()).select_from(CreditRecord).where(CreditRecord.state == RecordState.ENTERED)
    return query.where(within(CreditRecord.region_code, actor)).scalar_subquery()


NUMBERS = (NumberTile(_l("Credit records to confirm"), Permission.RECORD, _entered, "credit.desk"),)
