"""What the administration of sessions puts on desks: to-dos that must be open, and notices."""

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.administration_states import AskState, ConductState
from app.assessment.exams.models import ConductRecord, ExamSession, ExtraTime, Registration, SessionChange, WaitingPlace
from app.assessment.exams.queries import waiting
from app.cases.models import Case
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told

NEXT = {ConductState.SIGNED: "exams.notify", ConductState.NOTIFIED: "exams.refer"}


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of asks and conduct records."""
    return {*_asks(), *_conduct(), *_offers()}


def _asks() -> Iterable[Expected]:
    """An ask for extra time or an emergency change waits for a second examiner."""
    for model, kind, name in (
        (ExtraTime, "exams.extra_time", "extra_time"),
        (SessionChange, "exams.change", "session_change"),
    ):
        query = (
            select(model.code, ExamSession.organisation_id, ExamSession.region_code)
            .join(ExamSession, ExamSession.id == model.session_id)
            .where(model.state == AskState.ASKED)
        )
        for code, organisation_id, region in session.execute(query):
            yield _for_examiners(kind, Subject(name, code), organisation_id, region)


def _for_examiners(kind: str, subject: Subject, organisation_id: int, region: str) -> Expected:
    return Expected(kind, subject, role=Role.EXAMINER, organisation_id=organisation_id, region_code=region)


def _conduct() -> Iterable[Expected]:
    """A conduct record waits for its witness, then for the notice, then for the candidate and the referral."""
    query = (
        select(ConductRecord, Registration.person_id, ExamSession.organisation_id, ExamSession.region_code)
        .join(Registration, Registration.id == ConductRecord.registration_id)
        .join(ExamSession, ExamSession.id == ConductRecord.session_id)
        .where(ConductRecord.state.in_([ConductState.RECORDED, *NEXT]))
    )
    for record, person_id, organisation_id, region in session.execute(query):
        subject = Subject("conduct_record", record.code)
        if record.state is ConductState.RECORDED:
            yield Expected("exams.witness", subject, person_id=record.witnessed_by_id)
            continue
        yield _for_examiners(NEXT[record.state], subject, organisation_id, region)
        if record.state is ConductState.NOTIFIED and record.statement is None:
            yield Expected("exams.hear", subject, person_id=person_id)


def _offers() -> Iterable[Expected]:
    """A seat that is offered waits for the candidate's answer."""
    for place in waiting.open_offers():
        yield Expected("exams.seat_offer", Subject("waiting_place", place.code), person_id=place.person_id)


def _of_place(happened: Event) -> list[Told]:
    query = (
        select(WaitingPlace.person_id, ExamSession.code, ExamSession.name_zh, ExamSession.name_en)
        .join(ExamSession, ExamSession.id == WaitingPlace.session_id)
        .where(WaitingPlace.code == happened.subject_code)
    )
    return [
        Told(person_id, f"/exams/open/{code}", {"session_zh": zh, "session_en": en})
        for person_id, code, zh, en in session.execute(query)
    ]


def _of_registration(happened: Event) -> list[Told]:
    query = (
        select(Registration.person_id, ExamSession.name_zh, ExamSession.name_en)
        .join(ExamSession, ExamSession.id == Registration.session_id)
        .where(Registration.code == happened.subject_code)
    )
    url = f"/exams/mine/revocations/{happened.data['revocation']}"
    return [Told(person_id, url, {"session_zh": zh, "session_en": en}) for person_id, zh, en in session.execute(query)]


def _of_ticket(happened: Event) -> list[Told]:
    query = (
        select(Registration.person_id, ExamSession.name_zh, ExamSession.name_en)
        .join(ExamSession, ExamSession.id == Registration.session_id)
        .where(Registration.code == happened.subject_code)
    )
    url = f"/exams/mine/tickets/{happened.subject_code}"
    return [Told(person_id, url, {"session_zh": zh, "session_en": en}) for person_id, zh, en in session.execute(query)]


def _noticed(happened: Event) -> list[Told]:
    query = (
        select(Registration.person_id, ExamSession.name_zh, ExamSession.name_en)
        .join(ConductRecord, ConductRecord.registration_id == Registration.id)
        .join(ExamSession, ExamSession.id == ConductRecord.session_id)
        .where(ConductRecord.code == happened.subject_code)
    )
    return [
        Told(person_id, f"/exams/mine/conduct/{happened.subject_code}", {"session_zh": zh, "session_en": en})
        for person_id, zh, en in session.execute(query)
    ]


def _heard_longer(happened: Event) -> list[Told]:
    return [one.with_day(happened) for one in _noticed(happened)]


def _offered_longer(happened: Event) -> list[Told]:
    return [one.with_day(happened) for one in _of_place(happened)]


def _deciders(happened: Event) -> list[Told]:
    """Return who decided a case, or who has it under examination."""
    query = select(Case).where(Case.code == happened.subject_code)
    case = session.scalars(query).one()
    person_id = case.decided_by_id or case.accepted_by_id
    about = {"about_zh": case.about_zh, "about_en": case.about_en}
    return [Told(person_id, f"/cases/{case.code}", about)] if person_id is not None else []


NOTICES = (
    NoticeKind(
        "exams.case_doubted",
        "exams.case_doubted",
        label=_l("A case of yours whose similarity is before its expert group again"),
        sentence=_l("After a new marking the similarity in the case %(about)s is before its expert group again."),
        told=_deciders,
        mail=True,
    ),
    NoticeKind(
        "exams.case_confirmed_again",
        "exams.case_confirmed_again",
        label=_l("A case of yours whose similarity was confirmed again"),
        sentence=_l("The expert group confirmed the similarity in the case %(about)s again."),
        told=_deciders,
    ),
    NoticeKind(
        "exams.case_unfounded",
        "exams.case_unfounded",
        label=_l("A case of yours whose similarity was taken back"),
        sentence=_l("The expert group took back the similarity on which the case %(about)s rested. Look at it again."),
        told=_deciders,
        mail=True,
    ),
    NoticeKind(
        "exams.conduct_notified",
        "exams.conduct_notified",
        label=_l("A notice about your conduct in an exam"),
        sentence=_l("A record of your conduct in the exam %(session)s awaits your statement before it is decided."),
        told=_noticed,
        mail=True,
    ),
    NoticeKind(
        "exams.hearing_recounted",
        "exams.hearing_recounted",
        label=_l("A later last day to speak to a notice about your conduct"),
        sentence=_l(
            "You may speak to the notice about your conduct in the exam %(session)s until %(due)s: the holidays were "
            "published."
        ),
        told=_heard_longer,
        mail=True,
    ),
    NoticeKind(
        "exams.registration_revoked",
        "exams.registration_revoked",
        label=_l("A registration for an exam that was revoked"),
        sentence=_l("Your registration for the exam %(session)s was revoked. Read why, and how to appeal."),
        told=_of_registration,
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "exams.registration_restored",
        "exams.registration_restored",
        label=_l("A registration for an exam that counts again"),
        sentence=_l("Your appeal was upheld: you are registered again for the exam %(session)s."),
        told=_of_registration,
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "exams.revocation_lifted",
        "exams.revocation_lifted",
        label=_l("A revocation that was lifted after its exam was full or had begun"),
        sentence=_l("Your appeal was upheld, but no seat of the exam %(session)s could be given back."),
        told=_of_registration,
        mail=True,
    ),
    NoticeKind(
        "exams.registration_taken_up",
        "exams.registration_taken_up",
        label=_l("A withdrawn registration that counts again"),
        sentence=_l("The exam body has registered you again for the exam %(session)s."),
        told=_of_ticket,
        mail=True,
    ),
    NoticeKind(
        "exams.seat_given",
        "exams.seat_given",
        label=_l("A seat in an exam you registered for late"),
        sentence=_l("Your seat in the exam %(session)s is given. Your ticket says where it is."),
        told=_of_ticket,
        mail=True,
    ),
    NoticeKind(
        "exams.seat_offered",
        "exams.seat_offered",
        label=_l("A seat for which you waited"),
        sentence=_l("A seat of the exam %(session)s is free for you. Accept it in time, or it is offered to the next."),
        told=_of_place,
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "exams.offer_recounted",
        "exams.offer_recounted",
        label=_l("A later last day to accept an offered seat"),
        sentence=_l("You may accept the seat of the exam %(session)s until %(due)s: the holidays were published."),
        told=_offered_longer,
        mail=True,
    ),
    NoticeKind(
        "exams.seat_lapsed",
        "exams.seat_lapsed",
        label=_l("An offered seat that lapsed"),
        sentence=_l("The seat of the exam %(session)s was not accepted in time and is offered to the next."),
        told=_of_place,
        mail=True,
    ),
    NoticeKind(
        "exams.waiting_closed",
        "exams.waiting_closed",
        label=_l("A waiting list that closed"),
        sentence=_l("No seat of the exam %(session)s became free. Its waiting list is closed."),
        told=_of_place,
        mail=True,
    ),
)
