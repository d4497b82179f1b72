"""The appeal against a revoked registration: an examiner who did not revoke it decides, then the authority."""

from datetime import datetime

from app.accounts.states import Role
from app.assessment.exams.access import Permission
from app.assessment.exams.queries import revoking as queries
from app.assessment.exams.services import revoking as services
from app.assessment.exams.services.administration import of_revocation
from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import Case
from app.cases.states import Instance
from app.core.access import Actor
from app.core.clock import day_of
from app.core.text import _l

APPEAL = "exams.revocation"


def _about(code: str) -> About:
    found = queries.by_code(code)
    held = found.registration.session
    return About(
        subject=of_revocation(found),
        name_zh=held.name_zh,
        name_en=held.name_en,
        url=f"/exams/mine/revocations/{found.code}",
        region_code=held.region_code,
        authority=Authority(held.region_code, Role.EXAMINER, held.organisation_id),
        since=day_of(found.revoked_at),
        person_id=found.registration.person_id,
        deciders=frozenset({found.revoked_by_id}),
    )


def _may_appeal(actor: Actor | None, about: About) -> bool:
    mine = actor is not None and actor.may(Permission.SIT) and actor.person_id == about.person_id
    return mine and queries.by_code(about.subject.code).lifted_at is None


def _upheld(case: Case, by: Actor, at: datetime) -> None:
    services.lift(queries.by_code(case.subject_code), case_code=case.code, by=by, at=at)


KIND = CaseKind(
    name=APPEAL,
    letters="BM",
    label=_l("Appeal against the revocation of a registration for an exam"),
    ladder=(Instance.RECHECK, Instance.APPEAL),
    about=_about,
    may_raise=_may_appeal,
    who=_l("The candidate whose registration was revoked appeals."),
    hint=_l(
        "Say why the reason given does not hold, and add what shows it. An examiner who did not revoke it decides."
    ),
    on_upheld=_upheld,
)
