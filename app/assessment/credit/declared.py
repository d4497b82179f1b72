"""What can be complained of in this room: a record, and a rating that a machine computed."""

from datetime import datetime

from app.accounts.models import Person
from app.assessment.credit.queries import ratings, records
from app.assessment.credit.services import ratings as rating_services
from app.assessment.credit.services.records import reinstate, withdraw
from app.assessment.credit.states import RECORD, RecordState
from app.cases.declared import province_of
from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import Case
from app.cases.states import Instance
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.events import Subject
from app.core.text import _l

REVIEW = "credit.review"
RESULT = "credit_result"


def _about_record(code: str) -> About:
    found = records.by_code(code)
    deciders = {one for one in (found.entered_by_id, found.decided_by_id) if one is not None}
    return About(
        subject=records.subject(found),
        name_zh=f"信用记录：{found.conduct}",  # zh: the name of a record in both languages
        name_en=f"Credit record: {found.conduct}",
        url=f"/credit/records/{found.code}",
        region_code=found.region_code,
        authority=Authority(province_of(found.region_code)),
        since=day_of(found.decided_at) if found.decided_at else None,
        person_id=found.person_id,
        deciders=frozenset(deciders),
    )


def _may_object(actor: Actor | None, about: About) -> bool:
    if actor is None or actor.person_id != about.person_id:
        return False
    code = about.subject.code
    return records.by_code(code).state in RECORD.moves["withdraw"].sources and not records.disputed_codes([code])


def _objection_upheld(case: Case, by: Actor, at: datetime) -> None:
    """Withdraw the record, unless it has ended in the meantime."""
    found = records.by_code(case.subject_code)
    if found.state in RECORD.moves["withdraw"].sources:
        withdraw(found, reason=case.reasons or "", by=by, at=at)


def _objection_reversed(case: Case, by: Actor, at: datetime) -> None:
    """Enter the record anew where a higher rung takes the withdrawal back."""
    found = records.by_code(case.subject_code)
    if found.state is RecordState.WITHDRAWN:
        reinstate(found, by=by, at=at)


def _about_rating(code: str) -> About:
    found = ratings.by_code(code)
    deciders = {found.rated_by_id} if found.rated_by_id is not None else set()
    return About(
        subject=Subject(RESULT, found.code),
        name_zh=f"信用评价结果：{found.judged_on}，{found.grade}级",  # zh: the name of a record in both languages
        name_en=f"Credit rating: {found.judged_on}, grade {found.grade}",
        url=f"/credit/ratings/{found.code}",
        region_code=found.region_code,
        authority=Authority(province_of(found.region_code)),
        since=day_of(found.rated_at),
        person_id=found.person_id,
        deciders=frozenset(deciders),
    )


def _may_ask(actor: Actor | None, about: About) -> bool:
    if actor is None or actor.person_id != about.person_id:
        return False
    last = ratings.latest(actor.person_id)
    return last is not None and last.code == about.subject.code


def _review_upheld(case: Case, by: Actor, at: datetime) -> None:
    """Ask the credit officers of the region to put the facts right and to rate again."""
    found = ratings.by_code(case.subject_code)
    events.record("credit.review_upheld", Subject(RESULT, found.code), by=by, at=at, reason=case.reasons)
    person = session.get_one(Person, found.person_id)
    rating_services.ask_to_rate(person, found.region_code, url=f"/credit/ratings/{found.code}", at=at)


CASE_KINDS = (
    CaseKind(
        name=records.OBJECTION,
        letters="XY",
        label=_l("Objection to a credit record"),
        ladder=(Instance.FIRST, Instance.APPEAL),
        about=_about_record,
        may_raise=_may_object,
        who=_l("The person the record is about objects, while no other objection to it is open."),
        hint=_l("The record is marked as disputed at once. Neither officer who made it decides on the objection."),
        on_upheld=_objection_upheld,
        on_reversed=_objection_reversed,
    ),
    CaseKind(
        name=REVIEW,
        letters="PJ",
        label=_l("Human review of a credit rating"),
        ladder=(Instance.FIRST, Instance.APPEAL),
        about=_about_rating,
        may_raise=_may_ask,
        who=_l("The person who was rated asks, about their latest rating."),
        hint=_l(
            "The rating was computed. You may have a human look at it and explain it (Personal Information Protection "
            "Law, art. 24). Say which fact or rule you think is wrong."
        ),
        on_upheld=_review_upheld,
    ),
)
