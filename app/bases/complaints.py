"""What may be complained of in this room: a refusal, suspension or exit; and the publicity of accreditations."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.states import NATION, Role
from app.bases import services
from app.bases.access import Permission
from app.bases.models import TrainingBase
from app.bases.services import ACCREDITATION
from app.bases.states import BASE, BaseState
from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import Case
from app.cases.queries import kinds
from app.cases.services.publicity import Announcement, open_publicity
from app.cases.states import Instance
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l
from app.desk import services as desk

APPEAL = "bases.appeal"
AGAINST = (BaseState.REFUSED, BaseState.SUSPENDED, BaseState.EXITED)


def _of_slug(slug: str) -> TrainingBase:
    found = session.scalar(select(TrainingBase).join(TrainingBase.organisation).where(Organisation.slug == slug))
    if found is None:
        raise NotFoundError(_l("There is no such base in the register."))
    return found


def _of_code(code: str) -> TrainingBase:
    return session.scalars(select(TrainingBase).where(TrainingBase.code == code)).one()


def _about(slug: str) -> About:
    """Read the decision that a base may appeal against: the nation hears it, never who decided."""
    base = _of_slug(slug)
    deciders = {base.decided_by_id} if base.decided_by_id is not None else set()
    return About(
        subject=events.Subject("training_base", slug),
        name_zh=base.organisation.name_zh,
        name_en=base.organisation.name_en,
        url=f"/bases/{slug}",
        region_code=base.region_code,
        authority=Authority(NATION),
        since=day_of(base.decided_at) if base.decided_at else None,
        organisation_id=base.organisation_id,
        deciders=frozenset(deciders),
    )


def _may_appeal(actor: Actor | None, about: About) -> bool:
    if actor is None or not actor.may(Permission.APPLY) or actor.organisation_id != about.organisation_id:
        return False
    return _of_slug(about.subject.code).state in AGAINST


def _upheld(case: Case, by: Actor, at: datetime) -> None:
    """Take the decision back: a refused application is open again, a suspension or exit ends."""
    base = _of_slug(case.subject_code)
    if base.state not in AGAINST:
        return
    if base.state is BaseState.REFUSED:
        services.reopen(base, by=by, at=at)
        return
    BASE.move(base, "restore", decided_by_id=by.person_id, decided_at=at, reason=case.reasons)
    session.flush()
    events.record("bases.restored", services.subject(base), by=by, at=at, reason=case.reasons)


KIND = CaseKind(
    name=APPEAL,
    letters="JD",
    label=_l("Appeal against a decision on accreditation"),
    ladder=(Instance.APPEAL,),
    about=_about,
    may_raise=_may_appeal,
    who=_l("The base appeals against its refusal, suspension or exit."),
    hint=_l("The nation hears the appeal; whoever made the decision does not decide on it."),
    on_upheld=_upheld,
)


def announce(event: Event) -> None:
    """Announce an accreditation where the rules of the region demand it; the accreditation itself stands already."""
    base = _of_code(event.subject_code)
    day = day_of(event.at)
    if kinds.publicity_demanded(ACCREDITATION, base.region_code, day) is None:
        return
    names = {"name_zh": base.organisation.name_zh, "name_en": base.organisation.name_en}
    open_publicity(
        ACCREDITATION,
        services.subject(base),
        Announcement(
            # zh: a public notice stands in both languages
            title_zh=f"关于认定{names['name_zh']}为技术经理人培训基地的公示",
            title_en=f"Publicity of the accreditation of {names['name_en']} as a training base",
            body_zh=f"经核查，{names['name_zh']}符合培训基地条件，拟自{base.accredited_on}起至{base.accredited_until}止"
            "认定为技术经理人培训基地。现予公示，公示期内接受异议和线索。",
            body_en=f"After examination, {names['name_en']} meets the conditions of a training base and is accredited "
            f"from {base.accredited_on} to {base.accredited_until}. Objections and leads are heard in the period.",
            url=f"/bases/{base.organisation.slug}",
        ),
        region_code=base.region_code,
        authority_region=f"{base.region_code[:2]}0000",
        decided_by_id=base.decided_by_id,
        by=None,
        at=event.at,
    )


def _is_ours(event: Event) -> bool:
    return (event.data["kind"], event.data["subject_type"]) == (ACCREDITATION, services.TYPE)


def note_passed(event: Event) -> None:
    """Note on the base that its publicity period passed."""
    if _is_ours(event):
        base = _of_code(event.data["subject_code"])
        data = {"objections": event.data["objections"], "upheld": event.data["upheld"]}
        events.record("bases.publicity_passed", services.subject(base), by=None, at=event.at, data=data)


def reconsider(event: Event) -> None:
    """Ask the authority of the province to look at an accreditation again, after an upheld objection."""
    if not _is_ours(event):
        return
    base = _of_code(event.data["subject_code"])
    desk.open_todo(
        "bases.reconsider",
        services.subject(base),
        url=f"/bases/{base.organisation.slug}",
        at=event.at,
        role=Role.REGULATOR,
        region_code=f"{base.region_code[:2]}0000",
        params={"base_zh": base.organisation.name_zh, "base_en": base.organisation.name_en},
    )


SUBSCRIBERS = (
    Subscriber("bases.accredited", "bases.announce", announce),
    Subscriber("cases.publicity_ended", "bases.note_passed", note_passed, now=True),
    Subscriber("cases.objection_upheld", "bases.reconsider", reconsider, now=True),
)
