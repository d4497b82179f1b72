"""What the titles room keeps of a person."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, select, update

from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication, TitleAward, TitleRound, TitleWithdrawal
from app.assessment.titles.services.withdrawals import TYPE
from app.assessment.titles.states import ApplicationState
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError
from app.core.personal_data import NO_END
from app.core.room import ConsentPurpose, HoldKind, PersonalData
from app.core.text import _l
from app.desk import services as desk

UNREVIEWED = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.RETURNED)


def _applications(person_id: int) -> Iterable[JsonObject]:
    query = select(TitleApplication).where(TitleApplication.person_id == person_id).order_by(TitleApplication.id)
    for row in session.scalars(query):
        yield {
            "code": row.code,
            "round": row.round.name_zh,
            "state": row.state,
            "declared": row.declared,
            "verdict": row.verdict,
            "submitted": row.submitted_at,
            "decided": row.decided_at,
            "reason": row.reason,
        }


def _titles(person_id: int) -> Iterable[JsonObject]:
    query = select(TitleAward).where(TitleAward.person_id == person_id).order_by(TitleAward.id)
    for row in session.scalars(query):
        withdrawn = row.withdrawal
        yield {
            "number": row.number,
            "title": row.title_zh,
            "level": row.level,
            "since": row.awarded_on,
            "withdrawn": withdrawn.decided_at if withdrawn else None,
            "reason": withdrawn.reason if withdrawn else None,
        }


def _held(person_id: int, on: date) -> SelectBase:
    """Keep who was put before a committee: its minutes name whom it reviewed, and the rule names no end."""
    del on
    reviewed = TitleApplication.state.not_in(UNREVIEWED)
    told = select(TitleRound.name_zh, NO_END).join(TitleApplication, TitleApplication.round_id == TitleRound.id)
    return told.where(TitleApplication.person_id == person_id, reviewed)


def _forget(person_id: int) -> None:
    """Clear what the person declared in applications that no committee saw, and the name in to-dos of others."""
    own = TitleApplication.person_id == person_id
    session.execute(
        update(TitleApplication)
        .where(own, TitleApplication.state.in_(UNREVIEWED))
        .values(declared={})
        .execution_options(synchronize_session=False)
    )
    desk.unname(queries.TYPE, select(TitleApplication.code).where(own))
    withdrawn = select(TitleWithdrawal.code).join(TitleAward, TitleAward.id == TitleWithdrawal.award_id)
    desk.unname(TYPE, withdrawn.where(TitleAward.person_id == person_id))


def one_application(kept_id: int, gone_id: int) -> None:
    """Refuse where both records applied in one round: two applications of one person are never made one."""
    kept = select(TitleApplication.round_id).where(TitleApplication.person_id == kept_id)
    both = select(TitleApplication.code).where(
        TitleApplication.person_id == gone_id, TitleApplication.round_id.in_(kept)
    )
    if session.scalars(both.limit(1)).first() is not None:
        raise ConflictError(_l("Both records applied in one round of title evaluation. They are not joined."))


PERSONAL_DATA = (
    PersonalData(
        "title_applications",
        _l("My applications for titles"),
        _applications,
        holds=(
            HoldKind(
                _l("Your application that a committee reviewed (%(round)s)"),
                _l("Interim Provisions on the Review of Titles (Order 40, 2019): minutes name whom they review"),
                _held,
            ),
        ),
        forget=_forget,
        columns=("title_application.person_id",),
        fields={
            "round": _l("Round"),
            "declared": _l("What I declared"),
            "verdict": _l("Conditions"),
            "submitted": _l("Handed in on"),
            "decided": _l("Decided on"),
        },
    ),
    PersonalData(
        "titles",
        _l("My titles"),
        _titles,
        columns=("title_award.person_id",),
        fields={"title": _l("Title"), "since": _l("Held since"), "withdrawn": _l("Title withdrawn on")},
    ),
)
CONSENTS = (
    ConsentPurpose(
        queries.PUBLISH_NAME,
        1,
        _l("Publishing my name with my titles"),
        _l(
            "I agree that my name stands in the platform's public register of titles, with the title, its level, region"
            " and number."
        ),
        _l(
            "From then on the register of titles shows your name masked."
            " Whoever is shown your certificate can still verify it."
        ),
        _l("Personal Information Protection Law, art. 25: separate consent to publish"),
    ),
)
MERGES = {"title_application.person_id": one_application}
