"""What the performance room puts on desks: to-dos that must be open, notices."""

from collections.abc import Iterator

from sqlalchemy import select

from app.accounts.models import Membership
from app.accounts.queries import in_force
from app.accounts.states import Role
from app.core import clock
from app.core.db import session
from app.core.events import Event
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.services.reports import local_authority
from app.performance.services.subjects import named, of_appraisal, of_cycle, url_of
from app.performance.states import FINAL, AppraisalState, CycleState

FOR_BASE = {AppraisalState.REPORTING: "performance.report", AppraisalState.RECTIFYING: "performance.rectify"}
FOR_AUTHORITY = {AppraisalState.RECTIFIED: "performance.review", AppraisalState.EXIT_PROPOSED: "performance.exit"}


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of cycles and appraisals."""
    proposed = select(AppraisalCycle).where(AppraisalCycle.state == CycleState.PROPOSED)
    waiting = {
        Expected("performance.confirm_cycle", of_cycle(one), role=Role.REGULATOR, region_code=one.region_code)
        for one in session.scalars(proposed)
    }
    rows = session.scalars(select(BaseAppraisal).where(BaseAppraisal.state.not_in(FINAL)))
    return waiting | {one for row in rows for one in _of(row)}


def _of(row: BaseAppraisal) -> Iterator[Expected]:
    region = row.cycle.region_code
    if row.state in FOR_BASE:
        yield Expected(FOR_BASE[row.state], of_appraisal(row), role=Role.BASE, organisation_id=row.organisation_id)
    if row.state in FOR_AUTHORITY:
        yield Expected(FOR_AUTHORITY[row.state], of_appraisal(row), role=Role.REGULATOR, region_code=region)
    if row.state is AppraisalState.SUBMITTED:
        city = local_authority(row.region_code)
        yield Expected("performance.check", of_appraisal(row), role=Role.REGULATOR, region_code=city)
    if row.state is AppraisalState.CHECKED:
        yield Expected("performance.compute", of_cycle(row.cycle), role=Role.REGULATOR, region_code=region)
    if row.state is AppraisalState.PUBLIC and row.publicity_passed_at is not None:
        yield Expected("performance.confirm", of_appraisal(row), role=Role.REGULATOR, region_code=region)


def _staff(happened: Event) -> list[Told]:
    """Return who runs the base of an appraisal, each under that role."""
    row = session.scalar(select(BaseAppraisal).where(BaseAppraisal.code == happened.subject_code))
    if row is None:
        return []
    query = select(Membership.id, Membership.person_id).where(
        Membership.role == Role.BASE,
        Membership.organisation_id == row.organisation_id,
        in_force(clock.day_of(happened.at)),
    )
    told = named(row) | ({"due": happened.data["due"]} if "due" in happened.data else {})
    return [Told(person, url_of(row), told, membership) for membership, person in session.execute(query)]


TOLD = {
    "performance.returned": (
        _l("Your self-report was returned"),
        _l("The self-report of %(base)s for %(year)s was returned. Read the reason."),
    ),
    "performance.published": (
        _l("A grade is proposed for your base"),
        _l("The grade of %(base)s for %(year)s is proposed. Read how it was computed."),
    ),
    "performance.confirmed": (
        _l("The grade of your base is confirmed"),
        _l("The grade of %(base)s for %(year)s is confirmed."),
    ),
    "performance.warned": (
        _l("Your base failed its appraisal"),
        _l("%(base)s failed the appraisal of %(year)s and must rectify. Read the reasons and the last day."),
    ),
    "performance.rectify_recounted": (
        _l("A later last day of your rectification"),
        _l("%(base)s rectifies until %(due)s for the appraisal of %(year)s: the holidays were published."),
    ),
    "performance.demanded": (
        _l("Your rectification was returned"),
        _l("The rectification of %(base)s for %(year)s was returned. Read the reason."),
    ),
    "performance.accepted": (
        _l("Your rectification was accepted"),
        _l("The rectification of %(base)s for %(year)s was accepted."),
    ),
    "performance.exit_proposed": (
        _l("The exit of your base is proposed"),
        _l("%(base)s failed again in %(year)s and its exit is proposed. Read the reasons."),
    ),
}
NOTICES = tuple(
    NoticeKind(event, event, label=label, sentence=sentence, told=_staff, mail=True)
    for event, (label, sentence) in TOLD.items()
)
