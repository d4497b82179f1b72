"""The recheck (复查) of a released result: decided by nobody who had a hand in it; upheld, it opens a correction.

Barred are who proposed and who confirmed the release, who proposed and who confirmed any change of the score since, and
who marked an answer of it. Where a body has nobody else, the authority above hears the recheck (`cases.queries.rungs`),
also where its last free examiner changes the score while the recheck is open (`cases.services.rising`).
They neither confirm nor send back the points of its correction either (`queries.corrections.confirming`).
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.states import Role
from app.assessment.exams.access import Permission
from app.assessment.exams.models import Attempt, Result, ResultVersion
from app.assessment.exams.queries import chronicle
from app.assessment.exams.queries.fresh import marked_by
from app.assessment.exams.services import corrections
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SessionState
from app.cases.kinds import About, Authority, CaseKind, Told
from app.cases.models import Case
from app.cases.states import Instance
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

RECHECK = "exams.recheck"


def _result(code: str) -> Result:
    query = (
        select(Result)
        .join(Result.attempt)
        .options(joinedload(Result.attempt).joinedload(Attempt.session))
        .where(Attempt.code == code)
    )
    found = session.scalar(query)
    if found is None or found.attempt.session.state is not SessionState.RELEASED:
        raise NotFoundError(_l("There is no released result of yours at this address."))
    return found


def _about(code: str) -> About:
    found = _result(code)
    held, person_id = found.attempt.session, found.attempt.person_id
    return About(
        subject=of_attempt(code),
        name_zh=held.name_zh,
        name_en=held.name_en,
        url=f"/exams/mine/{code}",
        region_code=held.region_code,
        authority=Authority(held.region_code, Role.EXAMINER, held.organisation_id),
        since=day_of(held.released_at) if held.released_at else None,
        person_id=person_id,
        deciders=frozenset(marked_by(found.attempt_id) | _scored(found)),
    )


def _scored(found: Result) -> set[int]:
    """Return who proposed and who confirmed the release of a result, or a change of it."""
    held = found.attempt.session
    changed = select(ResultVersion.proposed_by_id, ResultVersion.confirmed_by_id)
    pairs = [*session.execute(changed.where(ResultVersion.result_id == found.id))]
    hands = (held.proposed_by_id, held.released_by_id, *(one for pair in pairs for one in pair))
    return {one for one in hands if one is not None}


def _may_ask(actor: Actor | None, about: About) -> bool:
    return actor is not None and actor.may(Permission.SIT) and actor.person_id == about.person_id


def _upheld(case: Case, by: Actor, at: datetime) -> None:
    corrections.open_correction(_result(case.subject_code), case_code=case.code, by=by, at=at)


def _told(case: Case) -> Told:
    return chronicle.told(chronicle.of_code(case.subject_code), url=f"/exams/cases/{case.code}/sitting")


KIND = CaseKind(
    name=RECHECK,
    letters="CJ",
    label=_l("Recheck of an exam result"),
    ladder=(Instance.RECHECK, Instance.APPEAL),
    about=_about,
    may_raise=_may_ask,
    who=_l("The candidate asks for a recheck of their own released result."),
    hint=_l(
        "Say which part of the result you doubt, and why. Who marked, proposed or released it does not decide: another "
        "examiner does, or the authority above where there is none."
    ),
    on_upheld=_upheld,
    told=_told,
)
