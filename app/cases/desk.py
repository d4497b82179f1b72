"""What the case room puts on desks: to-dos that follow from the states of its records, and that a notice has come."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_, select

from app.accounts.models import Person
from app.accounts.states import Role
from app.cases.models import Case, CaseAuthor, CaseEscalation, CasePause, Delivery, Notice
from app.cases.queries.notices import ENDS, uncorrected
from app.cases.queries.relations import DECLARATION, IMPARTIALITY
from app.cases.queries.rungs import watching
from app.cases.rules.clocks import ACCEPT, DECIDE
from app.cases.services.authors import person_id_of
from app.cases.services.clocks import ASKED
from app.cases.services.publicity import CORRECT, binds
from app.cases.services.subjects import named, of_publicity
from app.cases.states import CaseState, Protection
from app.cases.states import NoticeKind as OfNotice
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told

OFFICER = {CaseState.RAISED: "cases.accept", CaseState.ACCEPTED: "cases.decide"}


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of cases, their notices and clocks, and of declarations."""
    return {
        *_for_officers(),
        *_materials(),
        *_unanswered(),
        *_unread(),
        *_overdue(),
        *_declarations(),
        *_taken_off(),
    }


def _for_officers() -> Iterator[Expected]:
    for case in session.scalars(select(Case).where(Case.state.in_(OFFICER))):
        yield _of_authority(OFFICER[case.state], case)


def _of_authority(kind: str, case: Case) -> Expected:
    return Expected(
        kind,
        Subject("case", case.code),
        role=case.authority_role,
        organisation_id=case.authority_organisation_id,
        region_code=case.authority_region,
    )


def _unanswered() -> Iterator[Expected]:
    """A request whose last day passed without materials waits for the authority once it was told."""
    query = select(Case).join(CasePause, CasePause.case_id == Case.id)
    told = CasePause.until_day.is_(None) & CasePause.told_at.is_not(None)
    for case in session.scalars(query.where(Case.state == CaseState.WAITING, told)):
        yield _of_authority("cases.unanswered", case)


def _materials() -> Iterator[Expected]:
    """A case whose clock stands still waits for whoever raised it, if the house knows them."""
    query = (
        select(Case.code, Case.raised_by_id, CaseAuthor)
        .outerjoin(CaseAuthor, CaseAuthor.case_id == Case.id)
        .where(Case.state == CaseState.WAITING, Case.protection != Protection.ANONYMOUS)
    )
    for code, raised_by_id, author in session.execute(query):
        yield Expected(
            "cases.supply",
            Subject("case", code),
            person_id=person_id_of(author) if raised_by_id is None else raised_by_id,
        )


def _unread() -> Iterator[Expected]:
    """A notice waits for its addressee until a delivery is recorded, unless the case was withdrawn."""
    delivered = select(Delivery.id).where(Delivery.notice_id == Notice.id).exists()
    query = (
        select(Case.code, Notice.standing_id, CaseAuthor)
        .join(Case, Case.id == Notice.case_id)
        .outerjoin(CaseAuthor, CaseAuthor.case_id == Case.id)
        .where(
            Case.state != CaseState.WITHDRAWN,
            Case.protection != Protection.ANONYMOUS,
            Notice.kind != OfNotice.MATERIALS,
            Notice.to_organisation_id.is_(None),
            ~delivered,
        )
    )
    for code, person_id, author in session.execute(query):
        addressee = person_id_of(author) if person_id is None else person_id
        yield Expected("cases.read", Subject("case", code), person_id=addressee)


def _late() -> ColumnElement[bool]:
    return or_(
        and_(
            CaseEscalation.step == ACCEPT,
            CaseEscalation.due_on == Case.accept_by,
            Case.state == CaseState.RAISED,
        ),
        and_(
            CaseEscalation.step == DECIDE,
            CaseEscalation.due_on == Case.decide_by,
            Case.state.in_([CaseState.ACCEPTED, CaseState.WAITING]),
        ),
    )


def _overdue() -> Iterator[Expected]:
    """A clock that ran out waits for the authority above until the case moves on or its last day does."""
    query = select(Case).join(CaseEscalation, CaseEscalation.case_id == Case.id).where(_late())
    for case in session.scalars(query):
        yield Expected("cases.overdue", Subject("case", case.code), role=Role.REGULATOR, region_code=watching(case))


def _taken_off() -> Iterator[Expected]:
    """A notice that was taken off the board waits for a corrected one where the decision waits for its period."""
    for row in session.scalars(uncorrected()):
        if binds(row):
            yield Expected(CORRECT, of_publicity(row), role=Role.REGULATOR, region_code=row.authority_region)


def _declarations() -> Iterator[Expected]:
    """Who was asked for a declaration owes it until it is made, or until the next year's is asked for."""
    made = select(Case.id).where(
        Case.kind == DECLARATION, Case.subject_code == Event.subject_code, Case.state != CaseState.DRAFT
    )
    query = select(Event.subject_code, Event.data, made.exists()).where(
        Event.kind == ASKED, Event.subject_type == IMPARTIALITY
    )
    latest: dict[int, tuple[str, bool]] = {}
    for code, data, done in session.execute(query.order_by(Event.id)):
        latest[data["person"]] = (code, done)
    gone = select(Person.id).where(or_(Person.merged_into_id.is_not(None), Person.erased_at.is_not(None)))
    left = set(session.scalars(gone.where(Person.id.in_(latest))))
    for person_id, (code, done) in latest.items():
        if not done and person_id not in left:
            yield Expected("cases.declare", Subject(IMPARTIALITY, code), person_id=person_id)


def _addressed(happened: Event) -> list[Told]:
    """Return the person a notice was sent to; a protected author is told by a to-do alone, which ends once read."""
    query = (
        select(Notice.standing_id, Case)
        .join(Case, Case.id == Notice.case_id)
        .where(Notice.code == happened.data.get("code"))
    )
    url = f"/cases/{happened.subject_code}"
    rows = session.execute(query)
    return [Told(one, url, named(case)) for one, case in rows if one is not None]


def _moved(happened: Event) -> bool:
    """Tell whether a day counted anew is another, rather than the same one that is certain now."""
    return bool(happened.data["due"] != happened.data["was"])


def _raiser(happened: Event) -> list[Told]:
    """Return who raised a case openly; a protected author reads on the case who hears it."""
    query = select(Case).where(Case.code == happened.subject_code)
    url = f"/cases/{happened.subject_code}"
    return [Told(one.raised_by_id, url, named(one)) for one in session.scalars(query) if one.raised_by_id]


def _author(happened: Event) -> list[Told]:
    """Return who raised a case of which a day moved; a protected author reads it on the case and on the to-do."""
    return [one.with_day(happened) for one in _raiser(happened)] if _moved(happened) else []


def _served(happened: Event) -> list[Told]:
    """Return whom a decision was sent to that counts as delivered later, where no time to appeal tells them more."""
    notice = session.scalar(select(Notice).where(Notice.code == happened.data["code"]))
    if notice is None or notice.kind not in ENDS or notice.appeal is not None:
        return []
    return [one.with_day(happened) for one in _addressed(happened)]


def _appellants(happened: Event) -> list[Told]:
    """Return who may take a decision further until a later day."""
    return [one.with_day(happened) for one in _addressed(happened)] if _moved(happened) else []


NOTICES = (
    NoticeKind(
        "cases.passed_up",
        "cases.passed_up",
        label=_l("The authority above hears a case of yours"),
        sentence=_l(
            "The authority above hears your case %(about)s: everybody who could decide it where it lay had a hand in "
            "the decision complained of. Its last days stay as they are."
        ),
        told=_raiser,
        mail=True,
    ),
    NoticeKind(
        "cases.recounted",
        "cases.recounted",
        label=_l("Another last day of the authority in a case of yours"),
        sentence=_l("The authority's last day in your case %(about)s is %(due)s now: the holidays were published."),
        told=_author,
    ),
    NoticeKind(
        "cases.supply_recounted",
        "cases.supply_recounted",
        label=_l("A later last day to supply materials"),
        sentence=_l("You may supply the materials for your case %(about)s until %(due)s: the holidays were published."),
        told=_author,
        mail=True,
    ),
    NoticeKind(
        "cases.delivery_recounted",
        "cases.delivery_recounted",
        label=_l("A later day on which a decision counts as delivered"),
        sentence=_l("The decision in the case %(about)s counts as delivered on %(due)s: the holidays were published."),
        told=_served,
        mail=True,
    ),
    NoticeKind(
        "cases.appeal_recounted",
        "cases.appeal_recounted",
        label=_l("A later last day to take a decision further"),
        sentence=_l(
            "You may take the decision in the case %(about)s further until %(due)s: the holidays were published."
        ),
        told=_appellants,
        mail=True,
    ),
    NoticeKind(
        "cases.notified",
        "cases.notified",
        label=_l("A notice in a case"),
        sentence=_l("A notice has come in the case: %(about)s. Read it; its delivery counts from then."),
        told=_addressed,
        mail=True,
    ),
)
