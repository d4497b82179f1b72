"""What the evidence room puts on desks: to-dos that must be open, and notices."""

from collections.abc import Iterator

from sqlalchemy import and_, or_, select

from app.accounts.states import Role
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told
from app.evidence.models import Evidence, SampleAudit, SampleItem
from app.evidence.states import OPEN, State
from app.rulebook.verdicts import Outcome


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of records and of drawn samples."""
    return {*_records(), *_disputes(), *_samples()}


def _of_region(kind: str, evidence: Evidence) -> Expected:
    return Expected(kind, Subject("evidence", evidence.code), role=Role.CREDIT, region_code=evidence.region_code)


def _records() -> Iterator[Expected]:
    """What is declared waits for its person, then for a checker; a checked one whose papers fell apart, again."""
    fell = and_(Evidence.state == State.CHECKED, Evidence.standing == Outcome.NOT_MET.value)
    for evidence in session.scalars(select(Evidence).where(or_(Evidence.state.in_(OPEN), fell))):
        if evidence.state is State.CHECKED:
            yield _of_region("evidence.look_again", evidence)
        elif evidence.accepted_at is None:
            yield Expected("evidence.accept", Subject("evidence", evidence.code), person_id=evidence.person_id)
        else:
            yield _of_region("evidence.check", evidence)


def _disputes() -> Iterator[Expected]:
    """A dispute waits until the check that is made with knowledge of it."""
    since = and_(Evidence.state == State.CHECKED, Evidence.disputed_at > Evidence.checked_at)
    query = select(Evidence).where(Evidence.disputed_at.is_not(None), or_(Evidence.state.in_(OPEN), since))
    for evidence in session.scalars(query):
        yield _of_region("evidence.disputed", evidence)


def _samples() -> Iterator[Expected]:
    """A drawn record waits for the officer it was given to, its finding for a second one."""
    query = (
        select(SampleAudit.code, SampleAudit.region_code, SampleItem.assigned_to_id, SampleItem.finding)
        .join(SampleAudit, SampleAudit.id == SampleItem.audit_id)
        .where(SampleItem.assigned_to_id.is_not(None), SampleItem.confirmed_by_id.is_(None))
    )
    for code, region, officer_id, finding in session.execute(query):
        about = Subject("sample_audit", code)
        if finding is None:
            yield Expected("evidence.sample", about, person_id=officer_id)
        else:
            yield Expected("evidence.second", about, role=Role.CREDIT, region_code=region)


def _owner(happened: Event) -> list[Told]:
    """Return the person whom the record of an event is about."""
    query = select(Evidence.person_id, Evidence.title).where(Evidence.code == happened.subject_code)
    url = f"/evidence/{happened.subject_code}"
    return [Told(person_id, url, {"title": title}) for person_id, title in session.execute(query)]


def _owner_of_moved(happened: Event) -> list[Told]:
    return [one.with_day(happened) for one in _owner(happened)]


SENTENCES = {
    "evidence.checked": (_l("Your evidence was checked"), _l("%(title)s was checked and counts now.")),
    "evidence.rejected": (_l("Your evidence was rejected"), _l("%(title)s did not pass its check. Read the reason.")),
    "evidence.withdrawn": (_l("Your evidence was withdrawn"), _l("%(title)s was withdrawn. Read the reason.")),
    "evidence.counterparty_disputed": (
        _l("Your evidence is disputed"),
        _l("The counterparty disputes %(title)s. The authority looks into it."),
    ),
}
NOTICES = (
    *(
        NoticeKind(event, event, label=label, sentence=sentence, told=_owner, mail=True)
        for event, (label, sentence) in SENTENCES.items()
    ),
    NoticeKind(
        "evidence.check_recounted",
        "evidence.check_recounted",
        label=_l("Another day by which your evidence is checked"),
        sentence=_l("%(title)s is checked by %(due)s now: the holidays were published."),
        told=_owner_of_moved,
    ),
)
