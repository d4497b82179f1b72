"""What may be complained of in this room: a refused title, and the withdrawal of one.

The recheck of a refused title is not decided by who did the formal check, and an upheld one reopens it. The nation
hears the appeal against a withdrawal; upheld, the title stands again.
"""

from datetime import datetime

from app.accounts.states import NATION
from app.assessment.titles import queries, services
from app.assessment.titles.access import Permission
from app.assessment.titles.states import ApplicationState, WithdrawalState
from app.cases.declared import province_of
from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import Case
from app.cases.states import Instance
from app.core.access import Actor
from app.core.clock import day_of
from app.core.errors import NotFoundError
from app.core.text import _l

RECHECK = "titles.recheck"


def _about(code: str) -> About:
    found = queries.by_code(code)
    if found.decided_at is None:
        raise NotFoundError(_l("There is no decision on this application to complain of."))
    deciders = {found.checked_by_id} if found.checked_by_id is not None else set()
    return About(
        subject=queries.subject(found),
        name_zh=found.round.name_zh,
        name_en=found.round.name_en,
        url=f"/titles/applications/{found.code}",
        region_code=found.region_code,
        authority=Authority(province_of(found.region_code)),
        since=day_of(found.decided_at),
        person_id=found.person_id,
        deciders=frozenset(deciders),
    )


def _may_ask(actor: Actor | None, about: About) -> bool:
    if actor is None or not actor.may(Permission.APPLY) or actor.person_id != about.person_id:
        return False
    return queries.by_code(about.subject.code).state is ApplicationState.REFUSED


def _upheld(case: Case, by: Actor, at: datetime) -> None:
    services.reopen(queries.by_code(case.subject_code), case_code=case.code, by=by, at=at)


KIND = CaseKind(
    name=RECHECK,
    letters="PS",
    label=_l("Recheck of a title that was not passed"),
    ladder=(Instance.RECHECK, Instance.APPEAL),
    about=_about,
    may_raise=_may_ask,
    who=_l("The applicant asks for a recheck of their own application that was not passed."),
    hint=_l("Say what was overlooked, and why. An upheld recheck puts the application before the committee again."),
    on_upheld=_upheld,
)


WITHDRAWN = "titles.appeal"


def _about_withdrawal(code: str) -> About:
    """Read the withdrawal that its holder may appeal against; who proposed or decided it does not hear the case."""
    found = queries.withdrawal_with(code)
    if found.decided_at is None or found.decided_by_id is None or found.state is WithdrawalState.REJECTED:
        raise NotFoundError(_l("There is no withdrawal of a title at this address to complain of."))
    award = found.award
    return About(
        subject=services.of_withdrawal(found),
        name_zh=f"{award.title_zh}{award.number}",
        name_en=f"{award.title_en} {award.number}",
        url=f"/titles/withdrawals/{code}",
        region_code=award.region_code,
        authority=Authority(NATION),
        since=day_of(found.decided_at),
        person_id=award.person_id,
        deciders=frozenset({found.proposed_by_id, found.decided_by_id}),
    )


def _may_appeal(actor: Actor | None, about: About) -> bool:
    if actor is None or actor.person_id != about.person_id:
        return False
    return queries.withdrawal_with(about.subject.code).state is WithdrawalState.IN_FORCE


def _stands_again(case: Case, by: Actor, at: datetime) -> None:
    found = queries.withdrawal_with(case.subject_code)
    services.set_aside_withdrawal(found, reason=case.reasons or "", by=by, at=at)


APPEAL_KIND = CaseKind(
    name=WITHDRAWN,
    letters="CX",
    label=_l("Appeal against the withdrawal of a title"),
    ladder=(Instance.APPEAL,),
    about=_about_withdrawal,
    may_raise=_may_appeal,
    who=_l("The person appeals against the withdrawal of their own title."),
    hint=_l("Say what is wrong with the decision, and what proves it. Upheld, the title stands again."),
    on_upheld=_stands_again,
)
