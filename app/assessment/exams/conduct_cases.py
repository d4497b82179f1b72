"""The case about a candidate's conduct: the authority decides, and nobody who saw or proposed it takes part."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.access import covers
from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import ConductState
from app.assessment.exams.models import ConductRecord
from app.assessment.exams.queries import chronicle
from app.assessment.exams.services import conduct, doubts
from app.assessment.exams.services.administration import of_conduct
from app.cases.declared import province_of
from app.cases.kinds import About, Authority, CaseKind, Told
from app.cases.models import Case
from app.cases.states import Instance
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def _record(code: str) -> ConductRecord:
    query = (
        select(ConductRecord)
        .options(joinedload(ConductRecord.session), joinedload(ConductRecord.registration))
        .where(ConductRecord.code == code)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such conduct record."))
    return found


def _about(code: str) -> About:
    found = _record(code)
    held = found.session
    hands = {found.recorded_by_id, found.witnessed_by_id, found.proposed_by_id}
    return About(
        subject=of_conduct(found),
        name_zh=f"考试违纪违规处理：{held.name_zh}",  # zh: the name of a record in both languages
        name_en=f"Breach of exam discipline: {held.name_en}",
        url=f"/exams/mine/conduct/{found.code}",
        region_code=held.region_code,
        authority=Authority(province_of(held.region_code)),
        person_id=found.registration.person_id,
        deciders=frozenset(one for one in hands if one is not None),
    )


def _may_raise(actor: Actor | None, about: About) -> bool:
    found = _record(about.subject.code)
    return (
        actor is not None
        and actor.may(Permission.ORGANISE)
        and actor.organisation_id == found.session.organisation_id
        and covers(actor.region_code, found.session.region_code)
        and found.state is ConductState.REFERRED
    )


def _upheld(case: Case, by: Actor, at: datetime) -> None:
    conduct.uphold(_record(case.subject_code), case, by=by, at=at)


def _rejected(case: Case, by: Actor, at: datetime) -> None:
    conduct.dismiss(_record(case.subject_code), by=by, at=at)


def _reversed(case: Case, by: Actor, at: datetime) -> None:
    conduct.reverse(_record(case.subject_code), reason=case.reasons or "", by=by, at=at)


def _told(case: Case) -> Told:
    url = f"/exams/cases/{case.code}/sitting"
    return chronicle.told(chronicle.of_conduct(case.subject_code), url=url, alert=doubts.standing_of(case.subject_code))


KIND = CaseKind(
    name=conduct.CASE,
    letters="WJ",
    label=_l("Breach of exam discipline"),
    ladder=(Instance.FIRST, Instance.APPEAL),
    about=_about,
    may_raise=_may_raise,
    who=_l("The exam body raises it from a conduct record, after the candidate was heard."),
    hint=_l("Two invigilators signed the record. Neither of them, nor who gave the notice, decides."),
    on_upheld=_upheld,
    on_rejected=_rejected,
    on_reversed=_reversed,
    told=_told,
)
