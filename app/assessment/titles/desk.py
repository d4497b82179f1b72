"""What the titles room puts on desks: to-dos that must be open."""

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.states import ApplicationState, RoundState
from app.core.db import session
from app.core.events import Subject
from app.desk.kinds import Expected

WAITING = (ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.CLEARED)


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of rounds and applications: two statements."""
    rounds = select(TitleRound.code, TitleRound.region_code).where(TitleRound.state == RoundState.PROPOSED)
    applications = (
        select(TitleApplication, TitleRound.organisation_id)
        .join(TitleRound, TitleRound.id == TitleApplication.round_id)
        .where(TitleApplication.state.in_(WAITING))
    )
    return {
        Expected("titles.confirm_round", Subject("title_round", code), role=Role.REGULATOR, region_code=region)
        for code, region in session.execute(rounds)
    } | {_of(application, organisation_id) for application, organisation_id in session.execute(applications)}


def _of(application: TitleApplication, organisation_id: int) -> Expected:
    about = Subject("title_application", application.code)
    if application.state is ApplicationState.SUBMITTED:
        return Expected("titles.check", about, role=Role.SECRETARY, organisation_id=organisation_id)
    if application.state is ApplicationState.RETURNED:
        return Expected("titles.correct", about, person_id=application.person_id)
    return Expected("titles.confirm", about, role=Role.REGULATOR, region_code=application.region_code)
