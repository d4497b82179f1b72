"""What the bases room puts on desks: to-dos that must be open, notices, numbers."""

from collections.abc import Iterator

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import aliased

from app.accounts.access import within
from app.accounts.models import Membership
from app.accounts.queries import in_force
from app.accounts.states import Role
from app.bases.access import Permission
from app.bases.models import TrainingBase
from app.bases.services import ACCREDITATION, PAST, TYPE
from app.bases.states import BaseState
from app.cases.models import Publicity
from app.core import clock
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of bases: an application waits for its province.

    So does an accreditation whose publicity brought an objection that was upheld, until the next decision.
    """
    return {*_applications(), *_upheld_objections()}


def _of_province(kind: str, code: str, region: str) -> Expected:
    return Expected(kind, Subject(TYPE, code), role=Role.REGULATOR, region_code=f"{region[:2]}0000")


def _applications() -> Iterator[Expected]:
    query = select(TrainingBase.code, TrainingBase.region_code).where(TrainingBase.state == BaseState.APPLIED)
    for code, region in session.execute(query):
        yield _of_province("bases.decide", code, region)


def _upheld_objections() -> Iterator[Expected]:
    later = aliased(Event)
    decided = select(later.id).where(
        later.subject_type == TYPE,
        later.subject_code == TrainingBase.code,
        later.kind.in_(PAST.values()),
        later.id > Event.id,
    )
    query = (
        select(TrainingBase.code, TrainingBase.region_code)
        .join(Publicity, (Publicity.subject_code == TrainingBase.code) & (Publicity.subject_type == TYPE))
        .join(Event, Event.subject_code == Publicity.code)
        .where(Publicity.kind == ACCREDITATION, Event.kind == "cases.objection_upheld", ~decided.exists())
    )
    for code, region in session.execute(query):
        yield _of_province("bases.reconsider", code, region)


def _staff(happened: Event) -> list[Told]:
    """Return who runs the base of an event, each under that role."""
    base = session.scalar(select(TrainingBase).where(TrainingBase.code == happened.subject_code))
    if base is None:
        return []
    query = select(Membership.id, Membership.person_id).where(
        Membership.role == Role.BASE,
        Membership.organisation_id == base.organisation_id,
        in_force(clock.day_of(happened.at)),
    )
    named = {"base_zh": base.organisation.name_zh, "base_en": base.organisation.name_en}
    url = f"/bases/{base.organisation.slug}"
    return [Told(person_id, url, named, membership_id) for membership_id, person_id in session.execute(query)]


DECISIONS = {
    "bases.accredited": (_l("Your base was accredited"), _l("%(base)s is accredited.")),
    "bases.renewed": (_l("Your base has a new period"), _l("%(base)s has a new period of accreditation.")),
    "bases.refused": (
        _l("The application of your base was refused"),
        _l("The application of %(base)s for accreditation was refused. Read the reason."),
    ),
    "bases.suspended": (
        _l("Your base was suspended"),
        _l("The accreditation of %(base)s is suspended. Read the reason."),
    ),
    "bases.reinstated": (_l("Your base was reinstated"), _l("The accreditation of %(base)s holds again.")),
    "bases.exited": (_l("Your base has to exit"), _l("%(base)s has exited. Read what follows from it.")),
}
NOTICES = tuple(
    NoticeKind(event, event, label=label, sentence=sentence, told=_staff, mail=True)
    for event, (label, sentence) in DECISIONS.items()
)


def _in_state(state: BaseState, actor: Actor) -> ScalarSelect[int]:
    query = select(func.count()).select_from(TrainingBase)
    return query.where(TrainingBase.state == state, within(TrainingBase.region_code, actor)).scalar_subquery()


def _accredited(actor: Actor) -> ScalarSelect[int]:
    return _in_state(BaseState.ACCREDITED, actor)


def _suspended(actor: Actor) -> ScalarSelect[int]:
    return _in_state(BaseState.SUSPENDED, actor)


NUMBERS = (
    NumberTile(_l("Accredited bases in my region"), Permission.DECIDE, _accredited, "bases.register"),
    NumberTile(_l("Suspended bases in my region"), Permission.DECIDE, _suspended, "bases.register"),
)
