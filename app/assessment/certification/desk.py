"""What the certification room puts on desks: to-dos that must be open, notices, numbers."""

from sqlalchemy import ScalarSelect, func, select

from app.accounts.access import within
from app.accounts.states import Role
from app.assessment.certification.access import Permission
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of awards: a proposed one waits for a certifier of its region."""
    query = select(Award.code, Award.region_code).where(Award.state == AwardState.PROPOSED)
    return {
        Expected("certification.decide", Subject("award", code), role=Role.CERTIFIER, region_code=region)
        for code, region in session.execute(query)
    }


def _candidate(happened: Event) -> list[Told]:
    query = select(Award.person_id).where(Award.code == happened.subject_code)
    return [Told(person_id, "/my/awards") for person_id in session.scalars(query)]


NOTICES = (
    NoticeKind(
        "certification.awarded",
        "certification.awarded",
        label=_l("A level was awarded to you"),
        sentence=_l("A level was awarded to you. The certificate follows."),
        told=_candidate,
        mail=True,
    ),
    NoticeKind(
        "certification.refused",
        "certification.refused",
        label=_l("A level was refused"),
        sentence=_l("A level was not awarded to you. Read the reason."),
        told=_candidate,
        mail=True,
    ),
    NoticeKind(
        "certification.withdrawn",
        "certification.withdrawn",
        label=_l("A level was withdrawn"),
        sentence=_l("A level of yours was withdrawn. Read the reason."),
        told=_candidate,
        mail=True,
        sms=True,
    ),
)


def _in_state(state: AwardState, actor: Actor) -> ScalarSelect[int]:
    query = select(func.count()).select_from(Award)
    return query.where(Award.state == state, within(Award.region_code, actor)).scalar_subquery()


def _waiting(actor: Actor) -> ScalarSelect[int]:
    return _in_state(AwardState.PROPOSED, actor)


def _awarded(actor: Actor) -> ScalarSelect[int]:
    return _in_state(AwardState.AWARDED, actor)


NUMBERS = (
    NumberTile(_l("Awards that wait in my region"), Permission.DECIDE, _waiting, "certification.awards"),
    NumberTile(_l("Levels awarded in my region"), Permission.DECIDE, _awarded, "certification.awards"),
)
