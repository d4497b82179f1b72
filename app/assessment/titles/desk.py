"""What the titles room puts on desks: to-dos that must be open, and notices."""

from sqlalchemy import ColumnElement, select

from app.accounts.states import Role
from app.assessment.titles.models import TitleApplication, TitleAward, TitleRound, TitleWithdrawal
from app.assessment.titles.outcomes import relying
from app.assessment.titles.queries import TYPE as APPLICATION_TYPE
from app.assessment.titles.services.withdrawals import TODO, TYPE
from app.assessment.titles.states import BEFORE_ACCEPTANCE, ApplicationState, RoundState, WithdrawalState
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told
from app.panels.models.draws import Recusal
from app.panels.queries import scope

WAITING = (ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.CLEARED)


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of rounds, applications and withdrawals: three statements."""
    rounds = select(TitleRound.code, TitleRound.region_code).where(TitleRound.state == RoundState.PROPOSED)
    applications = (
        select(TitleApplication, TitleRound.organisation_id)
        .join(TitleRound, TitleRound.id == TitleApplication.round_id)
        .where(TitleApplication.state.in_(WAITING))
    )
    withdrawals = (
        select(TitleWithdrawal.code, TitleAward.region_code)
        .join(TitleAward, TitleAward.id == TitleWithdrawal.award_id)
        .where(TitleWithdrawal.state == WithdrawalState.PROPOSED)
    )
    proposed = {
        Expected(TODO, Subject(TYPE, code), role=Role.REGULATOR, region_code=region)
        for code, region in session.execute(withdrawals)
    }
    return (
        proposed
        | {
            Expected("titles.confirm_round", Subject("title_round", code), role=Role.REGULATOR, region_code=region)
            for code, region in session.execute(rounds)
        }
        | {_of(application, organisation_id) for application, organisation_id in session.execute(applications)}
    )


def _of(application: TitleApplication, organisation_id: int) -> Expected:
    about = Subject("title_application", application.code)
    if application.state is ApplicationState.SUBMITTED:
        return Expected("titles.check", about, role=Role.SECRETARY, organisation_id=organisation_id)
    if application.state is ApplicationState.RETURNED:
        return Expected("titles.correct", about, person_id=application.person_id)
    return Expected("titles.confirm", about, role=Role.REGULATOR, region_code=application.region_code)


def _holder(happened: Event) -> list[Told]:
    query = select(TitleApplication.person_id).where(TitleApplication.code == happened.subject_code)
    return [Told(person, f"/titles/withdrawals/{happened.data['withdrawal']}") for person in session.scalars(query)]


def _applicant(happened: Event) -> list[Told]:
    query = select(TitleApplication.person_id).where(TitleApplication.code == happened.subject_code)
    return [Told(person, f"/titles/applications/{happened.subject_code}") for person in session.scalars(query)]


def _recused() -> ColumnElement[bool]:
    """Return the condition that who checked an application is recused from it: they hear no more of it."""
    hit = select(Recusal.id).where(
        Recusal.person_id == TitleApplication.checked_by_id,
        Recusal.subject_type == APPLICATION_TYPE,
        Recusal.subject_code == TitleApplication.code,
        scope.holds(),
    )
    return hit.exists()


def _checkers(happened: Event) -> list[Told]:
    """Tell who checked the applications that rely on a withdrawn or replaced record, each person once."""
    codes = relying(happened)
    query = select(TitleApplication.checked_by_id, TitleApplication.code).where(TitleApplication.code.in_(codes))
    query = query.where(TitleApplication.checked_by_id.is_not(None), ~_recused()).order_by(TitleApplication.id)
    told = {person: f"/titles/applications/{code}" for person, code in session.execute(query)}
    return [Told(person, url) for person, url in told.items() if person is not None]


def _applicants(happened: Event) -> list[Told]:
    """Tell who applied relying on a record that was replaced, each once, at their latest application."""
    query = select(TitleApplication.person_id, TitleApplication.code)
    query = query.where(TitleApplication.code.in_(relying(happened)), TitleApplication.state.in_(BEFORE_ACCEPTANCE))
    told = {
        person: f"/titles/applications/{code}" for person, code in session.execute(query.order_by(TitleApplication.id))
    }
    return [Told(person, url) for person, url in told.items()]


NOTICES = (
    NoticeKind(
        "titles.evidence_replaced",
        "evidence.superseded",
        label=_l("A record that your application relies on has a new version"),
        sentence=_l(
            "A record that your application for a title relies on was replaced by a new version. Take the new version "
            "on the page of the application."
        ),
        told=_applicants,
        mail=True,
    ),
    NoticeKind(
        "titles.checked_evidence_replaced",
        "evidence.superseded",
        label=_l("A record behind an application that you checked has a new version"),
        sentence=_l(
            "A record that an application relies on was replaced by a new version. Look at the application again."
        ),
        told=_checkers,
    ),
    NoticeKind(
        "titles.evidence_withdrawn",
        "evidence.withdrawn",
        label=_l("A record behind an application that you checked was withdrawn"),
        sentence=_l("A record that an application relies on was withdrawn. Look at the application again."),
        told=_checkers,
    ),
    NoticeKind(
        "titles.stopped",
        "titles.stopped",
        label=_l("Your application for a title was stopped"),
        sentence=_l("Your application for a title was stopped after the vote. Read the reason."),
        told=_applicant,
        mail=True,
    ),
    NoticeKind(
        "titles.withdrawn",
        "titles.withdrawn",
        label=_l("A title of yours was withdrawn"),
        sentence=_l("Your title was withdrawn. Read the reason, and how to appeal."),
        told=_holder,
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "titles.restored",
        "titles.restored",
        label=_l("A title of yours stands again"),
        sentence=_l("The withdrawal of your title was set aside. The title stands again, and its certificate with it."),
        told=_holder,
        mail=True,
    ),
)
